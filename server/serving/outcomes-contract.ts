/** What really happened, told later. Exactly one of label and value is set. */
interface Happened {
  readonly label: string | null;
  readonly value: number | null;
}

/** Of one prediction, by its id. */
export interface Outcome extends Happened {
  readonly predictionId: string;
  /** Milliseconds since 1970; null means now. */
  readonly observedAt: number | null;
}

/**
 * Of whatever an entity was predicted last: the logged prediction with its key whose event time is the latest that is not after `observedAt`, and not
 * before `since`.
 */
export interface EntityOutcome extends Happened {
  readonly entityKey: string;
  /** Milliseconds since 1970. It is part of what is told: without it, the same words said tomorrow would mean another prediction. */
  readonly observedAt: number;
  /** Milliseconds since 1970; null: as far back as the log reaches. */
  readonly since: number | null;
}

export type ToldOutcome = Outcome | EntityOutcome;

/** An outcome that was told by its entity, as the receipt names it. `observed_at` in ISO 8601. */
interface NamedEntity {
  readonly entity_key: string;
  readonly observed_at: string;
}

/** The answer to outcomes, as callers read it. */
export interface OutcomeReceipt {
  readonly accepted: number;
  /** Ids that no prediction of this endpoint has. */
  readonly unknown: readonly string[];
  /** What became of outcomes that were told by entity; absent when none was. */
  readonly entities?: {
    readonly matched: readonly (NamedEntity & { readonly prediction_id: string })[];
    /** No prediction of the entity lies in the time asked for: nothing was kept. */
    readonly unknown: readonly NamedEntity[];
    /** Several predictions of the entity have the same, latest event time: nothing was kept. */
    readonly ambiguous: readonly (NamedEntity & { readonly prediction_ids: readonly string[] })[];
  };
}

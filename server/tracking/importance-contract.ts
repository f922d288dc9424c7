import { z } from "zod";

/** Fewer runs than this cannot tell parameters apart from chance. */
export const LEAST_RUNS = 10;

export const ImportanceInput = z.object({
  runIds: z.array(z.string().max(64)).min(1).max(1000),
  metric: z.string().min(1).max(250),
});

/** One parameter's part in the metric, over the runs that have the metric. */
export interface ParameterImportanceDto {
  readonly name: string;
  readonly kind: "number" | "category";
  /** By how much the forest's out-of-bag R² falls when this parameter is shuffled among the runs; the mean over the repetitions. About 0: none. */
  readonly importance: number;
  /** Standard deviation over the repetitions. */
  readonly spread: number;
  /** Spearman's rank correlation with the metric, −1 to 1; null for a category. */
  readonly correlation: number | null;
  /** How many different values it took. */
  readonly values: number;
}

export interface ImportanceResultDto {
  /** Runs with a finite value of the metric. */
  readonly n: number;
  /** Share of the metric's variance that the forest explains on runs it did not see; null when undefined. Below 0: worse than the mean. */
  readonly outOfBagR2: number | null;
  readonly trees: number;
  readonly repetitions: number;
  /** The greatest importance first. */
  readonly parameters: readonly ParameterImportanceDto[];
  /** Parameters that say nothing here, with the reason. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
}

export interface ImportanceDto {
  readonly status: "queued" | "done" | "failed" | "refused";
  /** Why it failed or was refused, as a sentence. */
  readonly reason: string | null;
  readonly result: ImportanceResultDto | null;
}

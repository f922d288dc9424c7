import { z } from "zod";

export const Direction = z.enum(["maximize", "minimize"]);
export type Direction = z.infer<typeof Direction>;

/** A rule that picks one run: the best value of a metric among those that meet the constraints. */
export const SelectionRule = z.object({
  metric: z.string().trim().min(1, "Name a metric.").max(250),
  direction: Direction.default("maximize"),
  /** A filter as MLflow writes it: "metrics.fit_seconds < 60 AND params.algo = 'gbm'". */
  constraints: z.string().trim().max(4000).default(""),
  /** Decide among equal values, in this order; after them the earlier start does. */
  tieBreak: z
    .array(z.object({ metric: z.string().trim().min(1).max(250), direction: Direction.default("maximize") }))
    .max(5)
    .default([]),
});
export type SelectionRule = z.infer<typeof SelectionRule>;

export const ChooseRunInput = SelectionRule.extend({
  /** Candidates: the runs of an experiment that a filter keeps, … */
  experiment: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
  filter: z.string().trim().max(4000).default(""),
  /** … or the named runs. */
  runs: z.array(z.string().max(64)).max(1000).optional(),
  /** Say what would be chosen and record nothing. */
  preview: z.boolean().default(false),
});

export const ListSelectionsInput = z.object({
  experiment: z.coerce.number().int().min(0).optional(),
  /** Only choices that chose this run. */
  run: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export interface CandidateDto {
  readonly runId: string;
  readonly name: string;
  /** null: the metric is missing or NaN. */
  readonly value: number | null;
  /** The values of the tie-breaking metrics, in their order. */
  readonly ties: readonly (number | null)[];
  readonly state: "chosen" | "beaten" | "tied" | "excluded";
  /** Why it is excluded, or what decided against it. */
  readonly why: string | null;
}

export interface SelectionDto {
  /** null for a preview. */
  readonly id: string | null;
  readonly experiment: number | null;
  readonly rule: SelectionRule;
  /** How the candidates were found: the filter, or null for runs that were named. */
  readonly filter: string | null;
  readonly total: number;
  readonly eligible: number;
  /** null when no run met the rule. */
  readonly chosen: { readonly runId: string; readonly name: string; readonly value: number } | null;
  /** The chosen first, then by rank, then those that were excluded. */
  readonly candidates: readonly CandidateDto[];
  /** Ties, missing values and what else was met, as sentences. */
  readonly notes: readonly string[];
  readonly createdBy: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

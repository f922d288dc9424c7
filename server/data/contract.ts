import { z } from "zod";

export const DatasetName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,62}$/, "Use 2 to 63 lower-case letters, digits and hyphens, starting with a letter.");

/** One rule that every version of a dataset is checked against. `mostly` is the share of rows that must comply; all of them without it. */
const onColumn = { column: z.string().min(1), mostly: z.number().gt(0).max(1).optional() };
const limits = { min: z.number().optional(), max: z.number().optional() };
export const Expectation = z.discriminatedUnion("rule", [
  z.strictObject({ rule: z.literal("row_count_min"), min: z.number().int().min(0) }),
  z.strictObject({ rule: z.literal("not_null"), ...onColumn }),
  z.strictObject({ rule: z.literal("unique"), column: z.string().min(1) }),
  z.strictObject({
    rule: z.literal("in_set"),
    ...onColumn,
    values: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
  }),
  z.strictObject({ rule: z.literal("between"), ...onColumn, ...limits }),
  z.strictObject({ rule: z.literal("matches"), ...onColumn, pattern: z.string().min(1) }),
  z.strictObject({ rule: z.literal("mean_between"), column: z.string().min(1), ...limits }),
]);
export type Expectation = z.infer<typeof Expectation>;

/** An expectations file: `rules` for the dataset it names. */
export const ExpectationsFile = z.strictObject({
  version: z.literal(1),
  dataset: DatasetName,
  rules: z.array(Expectation).max(500),
});

export const RuleResult = z.object({
  rule: z.string(),
  column: z.string().nullable(),
  /** The rule in words: "temp is between -30 and 120 in at least 99% of rows". */
  text: z.string(),
  passed: z.boolean(),
  /** What was found, in words. */
  observed: z.string(),
});
export type RuleResult = z.infer<typeof RuleResult>;

export const Validation = z.object({ passed: z.boolean(), checkedAt: z.string(), rules: z.array(RuleResult) });
export type Validation = z.infer<typeof Validation>;

export const ColumnSchema = z.object({ name: z.string(), type: z.string() });
export type ColumnSchema = z.infer<typeof ColumnSchema>;

/** A bar of a histogram: values v with from ≤ v < to (the last bar includes `to`). */
const Bar = z.object({ from: z.number(), to: z.number(), count: z.number() });
export const ColumnProfile = z.object({
  name: z.string(),
  type: z.string(),
  kind: z.enum(["number", "text", "time"]),
  count: z.number(),
  missing: z.number(),
  distinct: z.number(),
  /** Numbers as such, times as ISO text, text as such. */
  min: z.union([z.number(), z.string()]).nullable(),
  max: z.union([z.number(), z.string()]).nullable(),
  mean: z.number().nullable(),
  stddev: z.number().nullable(),
  /** Probability → value, linear interpolation. Numbers only. */
  quantiles: z.record(z.string(), z.number()),
  /** Of numbers, and of times in milliseconds since 1970. */
  histogram: z.array(Bar),
  /** The most frequent values of text. */
  top: z.array(z.object({ value: z.string(), count: z.number() })),
});
export type ColumnProfile = z.infer<typeof ColumnProfile>;

export const Profile = z.object({
  rows: z.number(),
  columns: z.array(ColumnProfile),
  computedAt: z.string(),
  ms: z.number(),
});
export type Profile = z.infer<typeof Profile>;

/** Where a version came from. */
export const Origin = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("seed"), file: z.string() }),
  z.object({ kind: z.literal("upload"), fileName: z.string() }),
  z.object({ kind: z.literal("pipeline"), pipelineRunId: z.string(), step: z.string(), output: z.string() }),
  z.object({
    kind: z.literal("captured-traffic"),
    endpoint: z.string(),
    from: z.string(),
    to: z.string(),
    rows: z.number(),
    basedOn: z.string().nullable(),
  }),
  /** Predictions of a model version on another dataset version. */
  z.object({
    kind: z.literal("batch-scoring"),
    workId: z.string(),
    number: z.number(),
    model: z.string(),
    modelVersion: z.number(),
    modelVersionId: z.string(),
    dataset: z.string(),
    datasetVersion: z.number(),
    datasetVersionId: z.string(),
    /** Null: the version was approved by nobody. */
    approval: z.object({ request: z.number(), approvedBy: z.array(z.string()) }).nullable(),
  }),
]);
export type Origin = z.infer<typeof Origin>;

export const CreateDatasetInput = z.object({
  name: DatasetName,
  description: z.string().trim().max(2000).default(""),
  source: z.string().trim().max(500).default(""),
  licence: z.string().trim().max(200).default(""),
  acquiredAt: z.iso.datetime({ offset: true }).optional(),
  timeColumn: z.string().optional(),
  labelColumn: z.string().optional(),
  expectations: z.array(Expectation).max(500).default([]),
});

export const UpdateDatasetInput = CreateDatasetInput.omit({ name: true, acquiredAt: true })
  .partial()
  .extend({ dataset: DatasetName });

export interface DatasetSummary {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly licence: string;
  readonly versions: number;
  readonly latest: VersionSummary | null;
}

export interface VersionSummary {
  readonly id: string;
  readonly version: number;
  readonly sha256: string;
  readonly format: string;
  readonly sizeBytes: number;
  readonly rows: number;
  readonly columns: number;
  readonly note: string;
  readonly origin: Origin;
  readonly createdBy: string | null;
  readonly createdAt: string;
  readonly profileState: string;
  readonly validation: "passed" | "failed" | "unchecked";
}

export interface DatasetDetail extends Omit<DatasetSummary, "versions"> {
  readonly owner: string | null;
  readonly acquiredAt: string | null;
  readonly timeColumn: string | null;
  readonly labelColumn: string | null;
  readonly expectations: readonly Expectation[];
  readonly versions: readonly VersionSummary[];
}

export interface VersionDetail extends VersionSummary {
  readonly dataset: string;
  readonly schema: readonly ColumnSchema[];
  readonly profile: Profile | null;
  readonly profileError: string | null;
  readonly validationReport: Validation | null;
  /** Against the version before: columns added, removed, retyped. */
  readonly schemaChanges: readonly SchemaChange[];
}

export interface SchemaChange {
  readonly column: string;
  readonly change: "added" | "removed" | "retyped";
  readonly text: string;
  /** Removing or retyping a column breaks those who read it; adding one does not. */
  readonly breaking: boolean;
}

export interface Preview {
  readonly columns: readonly ColumnSchema[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
  readonly total: number;
}

/** A pinned version and where its bytes are on this machine. */
export interface OpenedVersion {
  readonly id: string;
  readonly projectId: string;
  readonly datasetId: string;
  readonly name: string;
  readonly version: number;
  readonly sha256: string;
  readonly format: "csv" | "parquet";
  readonly rows: number;
  readonly schema: readonly ColumnSchema[];
  readonly timeColumn: string | null;
  readonly labelColumn: string | null;
  readonly path: string;
}

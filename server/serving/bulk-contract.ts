import { z } from "zod";

export const BulkStatus = z.enum(["queued", "running", "done", "failed", "cancelled"]);
export type BulkStatus = z.infer<typeof BulkStatus>;

const ColumnName = z.string().min(1).max(300);

export const StartScoringInput = z.object({
  /** Name of a registered model. */
  model: z.string().min(1),
  /** Its version: a number, "@alias", or "latest". */
  version: z.coerce.string().min(1),
  /** The dataset whose rows are scored. */
  dataset: z.string().min(1),
  /** The newest without it. */
  datasetVersion: z.coerce.number().int().min(1).optional(),
  /** The dataset that gets the predictions as its next version; made if there is none. */
  into: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,62}$/, "Use 2 to 63 lower-case letters, digits and hyphens, starting with a letter."),
  /** Columns to carry over, so that predictions can be told apart; all of them without it. */
  keep: z.array(ColumnName).max(2000).optional(),
  /** Begins the names of the new columns. */
  prefix: z
    .string()
    .regex(/^[A-Za-z_]\w{0,40}$/, "Use letters, digits and underscores.")
    .default("predicted_"),
  /** For a model that takes one tensor: which columns it is given, in order. */
  features: z.array(ColumnName).min(1).max(10_000).optional(),
});

/** Who approved the version that scores; null: nobody. */
const Approval = z.object({ request: z.number(), approvedBy: z.array(z.string()) }).nullable();

/** A batch scoring as it was asked for, pinned. */
export const ScoringSpec = z.object({
  model: z.string(),
  version: z.number(),
  modelVersionId: z.string(),
  dataset: z.string(),
  datasetVersion: z.number(),
  datasetVersionId: z.string(),
  into: z.string(),
  keep: z.array(z.string()),
  prefix: z.string(),
  features: z.array(z.string()).nullable(),
  approval: Approval,
});
export type ScoringSpec = z.infer<typeof ScoringSpec>;

export const ScoringResult = z.object({
  versionId: z.string(),
  dataset: z.string(),
  version: z.number(),
  sha256: z.string(),
  sizeBytes: z.number(),
  /** The very same predictions were the newest version already, so none was added. */
  unchanged: z.boolean(),
});
export type ScoringResult = z.infer<typeof ScoringResult>;

export const BulkError = z.object({
  message: z.string(),
  field: z.string().nullable(),
  value: z.unknown(),
  remedy: z.string().nullable(),
});
export type BulkError = z.infer<typeof BulkError>;

/** How far a piece of long work is. */
export interface BulkProgress {
  readonly id: string;
  readonly number: number;
  readonly status: BulkStatus;
  /** What it is at while it runs: its rows, or writing what came out as one file. */
  readonly phase: "rows" | "writing";
  readonly rowsTotal: number;
  readonly rowsDone: number;
  /** Of the worker that has it now; null while that is not known. */
  readonly rowsPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** Cancelled, but its worker has not noticed yet. */
  readonly cancelling: boolean;
  readonly cancelledBy: string | null;
  readonly error: BulkError | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

export interface ScoringDto extends BulkProgress, Omit<ScoringSpec, "modelVersionId" | "datasetVersionId"> {
  readonly result: ScoringResult | null;
}

export const ListScoringsInput = z.object({
  model: z.string().optional(),
  dataset: z.string().optional(),
  /** Scorings with a smaller number: hand `next` of the page before. */
  before: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const EXPORT_FORMATS = ["parquet", "csv"] as const;

/** Which logged predictions are meant: as in their list. */
const LogFilter = z.object({
  label: z.string().optional(),
  version: z.coerce.number().int().min(1).optional(),
  outcome: z.enum(["known", "unknown", "right", "wrong"]).optional(),
  /** By the time of the event. */
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});

export const StartExportInput = LogFilter.extend({
  name: z.string(),
  format: z.enum(EXPORT_FORMATS).default("parquet"),
});

export const ExportSpec = LogFilter.extend({
  endpoint: z.string(),
  endpointId: z.string(),
  format: z.enum(EXPORT_FORMATS),
  /** Rows that arrive later are not in it, so that it ends. */
  receivedBefore: z.iso.datetime(),
});
export type ExportSpec = z.infer<typeof ExportSpec>;

export const ExportResult = z.object({ sha256: z.string(), sizeBytes: z.number(), fileName: z.string() });

export interface ExportDto extends BulkProgress, Omit<ExportSpec, "endpointId"> {
  readonly sizeBytes: number | null;
  /** When its file is removed; null while there is none. */
  readonly expiresAt: string | null;
}

import { z } from "zod";

export const RUN_STATUSES = ["queued", "preparing", "running", "succeeded", "failed", "cancelled"] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
export const STEP_STATUSES = ["pending", "ready", "running", "succeeded", "failed", "skipped", "cancelled"] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

export const DEFAULT_PIPELINE_PATH = "pipeline.yaml";

const Scalar = z.union([z.string().max(2000), z.number(), z.boolean()]);

/** Who or what started a run. People and tokens cannot claim to be anything else. */
export const RunTrigger = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("person") }),
  z.object({ kind: z.literal("token") }),
  z.object({ kind: z.literal("rerun"), number: z.number().int() }),
  /** A tracked run is made once more, to compare. `number`: of the pipeline run that made it. */
  z.object({ kind: z.literal("reproduction"), number: z.number().int(), run: z.string() }),
  z.object({
    kind: z.literal("alert"),
    alertId: z.string(),
    /** What happened, as a sentence: "carrier drifted: PSI 0.31". */
    reason: z.string().default(""),
  }),
  z.object({ kind: z.literal("system"), by: z.string() }),
]);
export type RunTrigger = z.infer<typeof RunTrigger>;

const FilePath = z
  .string()
  .min(1)
  .max(400)
  .regex(/\.ya?ml$/, "A pipeline file ends in .yaml or .yml.");

export const StartRunInput = z.object({
  pipelinePath: FilePath.default(DEFAULT_PIPELINE_PATH),
  /** A branch, tag or commit. */
  ref: z.string().trim().min(1).max(200).default("main"),
  /** Overrides of the file's parameters; each keeps the type of its default. */
  params: z.record(z.string(), Scalar).default({}),
  /** Dataset → version number or version id, for `dataset:<name>` references; the newest without it. */
  datasets: z.record(z.string(), z.union([z.number().int().min(1), z.string().min(1)])).default({}),
  /** Only the platform itself may say more than "person" or "token". */
  trigger: RunTrigger.optional(),
});

export const RunNumber = z.coerce.number().int().min(1);
export const CancelRunInput = z.object({ number: RunNumber, reason: z.string().trim().max(500).default("") });
export const RerunInput = z.object({
  number: RunNumber,
  /** "failed" takes over the results of the steps that succeeded; "all" runs every step again. */
  steps: z.enum(["all", "failed"]).default("all"),
});
export const CheckFileInput = z.object({ text: z.string().max(300_000) });

export const ListRunsInput = z.object({
  path: z.string().optional(),
  pipeline: z.string().optional(),
  status: z.enum([...RUN_STATUSES, "active"]).optional(),
  /** Runs with a smaller number: hand `next` of the page before. */
  before: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export interface PinnedDataset {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly sha256: string;
  readonly format: string;
}

export interface RunSummary {
  readonly id: string;
  readonly number: number;
  readonly pipeline: string;
  readonly path: string;
  readonly commit: string;
  readonly branch: string;
  readonly status: RunStatus;
  readonly error: string | null;
  readonly trigger: RunTrigger;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly durationMs: number | null;
  /** Of the last 20 runs of this pipeline that succeeded before this one; null without any. */
  readonly medianMs: number | null;
  readonly steps: { readonly total: number; readonly done: number };
}

export interface RunPage {
  readonly runs: readonly RunSummary[];
  readonly next: number | null;
  readonly total: number;
}

export const StoredOutput = z.object({
  /** Of the file, or of the folder's manifest. */
  sha256: z.string(),
  sizeBytes: z.number(),
  kind: z.enum(["file", "folder"]),
  /** As the pipeline file declares it. */
  path: z.string(),
  /** How many files a folder holds; 1 for a file. */
  files: z.number(),
});
export type StoredOutput = z.infer<typeof StoredOutput>;
export const StoredOutputs = z.record(z.string(), StoredOutput);

/** What a stored folder is: its files by path, sorted. */
export const FolderManifest = z.object({
  files: z.array(z.object({ path: z.string(), sha256: z.string(), sizeBytes: z.number(), executable: z.boolean() })),
});
export type FolderManifest = z.infer<typeof FolderManifest>;

export const GateResult = z.object({
  passed: z.boolean(),
  metric: z.string(),
  value: z.number().nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  /** "null_rate is 0.031; at most 0.02 is allowed (reports/quality.json)". */
  text: z.string(),
});
export type GateResult = z.infer<typeof GateResult>;

export const RegisterResult = z.object({ modelName: z.string(), versionId: z.string(), version: z.number() });
export type RegisterResult = z.infer<typeof RegisterResult>;

/** What a step that scores has made: a version of a dataset. */
export const ScoreResult = z.object({
  scoring: z.number(),
  dataset: z.string(),
  datasetVersionId: z.string(),
  version: z.number(),
  rows: z.number(),
});
export type ScoreResult = z.infer<typeof ScoreResult>;
export const StepResult = z.union([RegisterResult, ScoreResult]);
export type StepResult = z.infer<typeof StepResult>;

export interface AttemptDto {
  readonly id: string;
  readonly number: number;
  readonly status: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly exitCode: number | null;
  readonly reason: string | null;
  readonly message: string | null;
  readonly peakRssBytes: number | null;
  /** How the process is kept apart: bubblewrap, namespaces, process, or worker for a built-in step. */
  readonly isolation: string;
  readonly logBytes: number;
  readonly logTruncated: boolean;
  readonly worker: string;
}

export interface StepInputDto {
  readonly name: string;
  /** As the file writes it: "dataset:flights@3" or "train.model[*]". */
  readonly reference: string;
  readonly items: readonly { readonly label: string; readonly sha256: string | null; readonly href: string | null }[];
}

export interface StepDto {
  readonly id: string;
  readonly name: string;
  readonly matrixKey: string;
  readonly matrix: Readonly<Record<string, string | number | boolean>>;
  readonly kind: "run" | "register" | "score";
  readonly position: number;
  readonly status: StepStatus;
  /** The command as the file writes it, references and all. */
  readonly command: string;
  readonly inputs: readonly StepInputDto[];
  readonly outputs: Readonly<Record<string, StoredOutput>>;
  /** Declared outputs, name → path, whether or not they exist yet. */
  readonly declaredOutputs: Readonly<Record<string, string>>;
  readonly gate: GateResult | null;
  readonly result: StepResult | null;
  readonly reason: string | null;
  readonly error: string | null;
  /** The number of the run whose result this step took over. */
  readonly reusedFrom: number | null;
  readonly readyAt: string | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly durationMs: number | null;
  readonly medianMs: number | null;
  readonly limits: {
    readonly timeoutMs: number;
    readonly memoryBytes: number;
    readonly cpu: number;
    readonly attempts: number;
  };
  readonly attempts: readonly AttemptDto[];
}

export const EnvironmentProgress = z.object({
  phase: z.enum(["waiting", "creating", "resolving", "downloading", "installing", "ready"]).default("waiting"),
  done: z.number().default(0),
  total: z.number().default(0),
});
export type EnvironmentProgress = z.infer<typeof EnvironmentProgress>;

export interface EnvironmentDto {
  readonly hash: string;
  readonly kind: string;
  readonly python: string;
  readonly status: string;
  readonly progress: EnvironmentProgress;
  readonly error: string | null;
  readonly log: string;
  readonly sizeBytes: number | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

export interface RunDetail extends RunSummary {
  readonly params: Readonly<Record<string, string | number | boolean>>;
  readonly datasets: Readonly<Record<string, PinnedDataset>>;
  readonly rerunOf: number | null;
  readonly cancelRequestedAt: string | null;
  readonly cancelledBy: string | null;
  readonly stepRuns: readonly StepDto[];
  readonly edges: readonly (readonly [parent: string, child: string])[];
  readonly environment: EnvironmentDto | null;
}

/** An experiment run that a step logged. */
export interface TrackedRunDto {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  /** The step, with its cell: "train (algo=gbm)". */
  readonly step: string;
}

export interface LogPage {
  readonly chunks: readonly { readonly seq: number; readonly at: string; readonly text: string }[];
  /** Hand it back as `after`. */
  readonly next: number;
  /** More is stored already. */
  readonly more: boolean;
  /** The attempt has ended: nothing will follow. */
  readonly ended: boolean;
  readonly truncated: boolean;
}

export interface FileProblemDto {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy: string;
}

/** What the Pipelines page and the editor show of a file: its graph and what a run may change. */
export interface PipelinePreview {
  readonly name: string;
  readonly params: readonly { readonly name: string; readonly value: string | number | boolean }[];
  readonly python: string | null;
  readonly datasets: readonly { readonly reference: string; readonly name: string; readonly version: number | null }[];
  readonly steps: readonly {
    readonly id: string;
    readonly kind: "run" | "register" | "score";
    readonly needs: readonly string[];
    readonly cells: readonly string[];
    readonly command: string;
    readonly gate: string | null;
  }[];
}

export interface PipelineFileDto {
  readonly path: string;
  readonly commit: string;
  readonly preview: PipelinePreview | null;
  readonly problems: readonly FileProblemDto[];
  readonly lastRun: RunSummary | null;
}

export {
  type ComparedValueDto,
  type ForkDto,
  type ReproductionDto,
  type ReproductionResultDto,
  type RunEnvironmentDto,
  type RunOriginDto,
} from "./origin-contract.ts";

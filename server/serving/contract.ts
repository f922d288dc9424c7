import { z } from "zod";
import type { ApprovalProof } from "#server/governance/contract.ts";
import type {
  FeatureColumns,
  Golden,
  ModelSignature,
  TensorSignature,
  VersionRuntime,
} from "#server/registry/contract.ts";
import type { AnsweringArm, ArmCounts, ArmDto, Fallback, LogRules, ServedArm } from "./arms-contract.ts";
import type { Availability } from "./availability-contract.ts";

export * from "./arms-contract.ts";
export type * from "./records-contract.ts";
export * from "./availability-contract.ts";
export * from "./bulk-contract.ts";
export type * from "./look-up-contract.ts";
export type * from "./outcomes-contract.ts";
export * from "./services-contract.ts";
export * from "./usage-contract.ts";

export * from "./rollout-contract.ts";

// The seam between the serving process and everything that knows the database: the process is given a plan and is handed the functions below.

/** A version that an endpoint runs. */
export interface PlanEntry {
  readonly endpointId: string;
  readonly projectId: string;
  readonly modelId: string;
  readonly modelVersionId: string;
  /** The number of the registered version, shown as model_version. */
  readonly version: number;
  /** What runs it; onnx when absent. */
  readonly runtime?: VersionRuntime | undefined;
  readonly sha256: string;
  /** A local file: the ONNX file, or the manifest of a model that is a folder. */
  readonly path: string;
  readonly signature: ModelSignature;
  /** A version that answers these rows otherwise is not put live. */
  readonly golden?: Golden | undefined;
  /** What proves that this version with this file was approved. Without it the serving process does not load it. */
  readonly approval?: ApprovalProof | undefined;
}

/** Where a request goes. */
export interface Target {
  readonly endpoint: string;
  readonly endpointId: string;
  readonly projectId: string;
}

/** `hidden`: the caller must not learn that the endpoint exists; the answer is the one for a name that does not. */
export type Access = "allowed" | "unauthenticated" | "forbidden" | "hidden";

/** A token that may ask. */
export interface Caller {
  /** Of the token. */
  readonly id: string;
  /** Requests that it may send to one serving process in a second; null: without limit. */
  readonly ratePerSecond: number | null;
  /** Rows that it may ask for on a day (UTC), of all processes together. */
  readonly rowsPerDay: number | null;
}

/** Why a request has to wait: a sentence that names the limit, and when it may come again. */
export interface Limited {
  readonly message: string;
  readonly retryAfterSeconds: number;
}

/** A name that stands in a URL of the platform: unique over all projects. */
export const EndpointName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/,
    "Use up to 63 lower-case letters, digits, hyphens, dots and underscores.",
  );

export const CreateEndpointInput = z.object({
  name: EndpointName,
  /** Name of the registered model whose champion it serves. */
  model: z.string().min(1),
  description: z.string().trim().max(2000).default(""),
  latencyBudgetMs: z.number().gt(0).max(60_000).default(50),
});

export const UpdateEndpointInput = z.object({
  name: z.string(),
  description: z.string().trim().max(2000).optional(),
  latencyBudgetMs: z.number().gt(0).max(60_000).optional(),
});

/** What an endpoint does now. waiting: its model has no champion; failing: the champion cannot be served; down: no serving process runs. */
export const EndpointHealth = z.enum(["live", "stopped", "waiting", "failing", "down"]);
export type EndpointHealth = z.infer<typeof EndpointHealth>;

/** The version that answers, since when, and by whose approval. */
export interface LiveVersion {
  readonly versionId: string;
  readonly version: number;
  /** ISO 8601. */
  readonly since: string;
  readonly request: { readonly number: number; readonly approvedBy: readonly string[] } | null;
}

/** Counts of a span of time. Latencies in milliseconds, of answered requests; null without any. */
export interface TrafficTotals {
  readonly requests: number;
  readonly rows: number;
  /** Requests the caller got wrong (4xx). */
  readonly refused: number;
  /** Requests that failed here (5xx). */
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  /** Rows that were answered but could not be logged. */
  readonly logDropped: number;
}

export interface EndpointSummary {
  readonly id: string;
  readonly name: string;
  readonly model: string;
  readonly description: string;
  readonly health: EndpointHealth;
  /** Why it is not live, in a sentence; null when it is. */
  readonly reason: string | null;
  readonly live: LiveVersion | null;
  readonly latencyBudgetMs: number;
  readonly lastHour: TrafficTotals;
  /** Requests by minute of the last hour, oldest first. */
  readonly minutes: readonly number[];
  readonly availability: Availability;
  readonly createdAt: string;
}

export interface DeploymentDto {
  readonly id: string;
  readonly version: number;
  readonly versionId: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly request: {
    readonly number: number;
    readonly approvedBy: readonly string[];
    readonly requestedBy: string;
  } | null;
}

export interface EndpointDetail extends EndpointSummary {
  /** Where callers reach it: <servingUrl>/v2/models/<name>. */
  readonly servingUrl: string;
  readonly modelId: string;
  readonly createdBy: string | null;
  /** Who stopped or resumed it last. */
  readonly changedBy: { readonly name: string; readonly at: string } | null;
  readonly signature: ModelSignature | null;
  /** A row of the dataset that the live version was trained on, by input name; for examples that work when pasted. */
  readonly example: readonly ExampleInput[];
  /** The versions that take part in its traffic beside the champion; those that ended last are listed by their own use case. */
  readonly arms: readonly ArmDto[];
  readonly fallback: Fallback | null;
  readonly logRules: LogRules;
  /** Calls with the user's own URL and the example; empty before there is a version. */
  readonly snippets: EndpointSnippets;
  readonly deployments: readonly DeploymentDto[];
  /** What the log holds of it. */
  readonly logged: Omit<TrafficRange, "days">;
}

/** Stands in snippets where a token goes. */
export const TOKEN_PLACEHOLDER = "YOUR_TOKEN";
/** Stands in snippets where the id of a prediction goes. */
export const PREDICTION_PLACEHOLDER = "ID_OF_THE_PREDICTION";

/** The same call in one language, ready to be pasted once its placeholders are filled. */
export interface Snippet {
  readonly language: "curl" | "Python" | "TypeScript";
  readonly code: string;
}

/** Ways to ask for a prediction. */
export const FormId = z.enum([
  "plain",
  "open-inference",
  "mlflow-split",
  "mlflow-records",
  "mlflow-instances",
  "mlflow-inputs",
  "mlflow-csv",
]);
export type FormId = z.infer<typeof FormId>;

/** One of them with a request that works, as text and as calls. */
export interface RequestForm {
  readonly id: FormId;
  readonly title: string;
  readonly hint: string;
  /** Of the serving address. */
  readonly path: string;
  readonly body: string;
  readonly snippets: readonly Snippet[];
}

export interface EndpointSnippets {
  readonly forms: readonly RequestForm[];
  readonly outcome: readonly Snippet[];
}

/** One input with values that the model accepts, row-major, for one row. */
export interface ExampleInput extends Pick<TensorSignature, "name" | "datatype" | "shape"> {
  readonly data: readonly (number | string | boolean)[];
}

export const TrafficSpan = z.enum(["hour", "day", "week", "month"]);
export type TrafficSpan = z.infer<typeof TrafficSpan>;

export interface TrafficPoint extends TrafficTotals {
  /** Start of the step, milliseconds since 1970. */
  readonly at: number;
}

export interface EndpointTraffic {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly total: TrafficTotals;
  readonly points: readonly TrafficPoint[];
  /** The same span by who dealt with the requests, the champion first. Rows of a shadow are in no total of the endpoint. */
  readonly arms: readonly ArmTraffic[];
}

export interface ArmTraffic {
  readonly arm: ServedArm;
  readonly versionId: string;
  /** Null for a version that is gone. */
  readonly version: number | null;
  readonly total: TrafficTotals & ArmCounts;
  readonly points: readonly (TrafficPoint & ArmCounts)[];
}

export const ListPredictionsInput = z.object({
  name: z.string(),
  label: z.string().optional(),
  version: z.coerce.number().int().min(1).optional(),
  outcome: z.enum(["known", "unknown", "right", "wrong"]).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
  /** What the page before ended with. */
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export interface PredictionOutcome {
  readonly label: string | null;
  readonly value: number | null;
  readonly observedAt: string;
  readonly corrections: number;
}

export interface PredictionSummary {
  readonly id: string;
  readonly version: number;
  readonly eventTime: string;
  readonly receivedAt: string;
  readonly label: string | null;
  readonly value: number | null;
  /** Of the predicted class. */
  readonly probability: number | null;
  readonly arm: AnsweringArm;
  readonly entityKey: string | null;
  readonly latencyMs: number;
  readonly outcome: PredictionOutcome | null;
}

export interface PredictionDetail extends PredictionSummary {
  readonly requestId: string;
  readonly endpoint: string;
  /** A null value was kept out of the log by the endpoint's rules. */
  readonly features: readonly { readonly name: string; readonly value: number | string | null }[];
  readonly probabilities: readonly { readonly label: string; readonly value: number }[];
  /** How often this id was predicted; the newest is shown. */
  readonly repeats: number;
  readonly lineage: PredictionLineage;
}

/** Where a prediction comes from, step by step; null where a step was not recorded. */
export interface PredictionLineage {
  readonly version: {
    readonly id: string;
    readonly model: string;
    readonly version: number;
    readonly sha256: string | null;
  } | null;
  readonly run: { readonly id: string; readonly name: string } | null;
  readonly pipelineRun: { readonly id: string; readonly number: number } | null;
  readonly commit: string | null;
  readonly dataset: {
    readonly versionId: string;
    readonly name: string;
    readonly version: number;
    readonly sha256: string;
  } | null;
  readonly request: { readonly number: number; readonly approvedBy: readonly string[] } | null;
}

/** What the log holds of an endpoint, by the time of the events. */
export interface TrafficRange {
  readonly predictions: number;
  readonly outcomes: number;
  /** First and last day, as 2013-07-01; null without predictions. */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  readonly days: readonly TrafficDay[];
}

export interface TrafficDay {
  readonly day: string;
  readonly predictions: number;
  readonly outcomes: number;
  /** When the last of them was received, ISO 8601: windows computed before are out of date. */
  readonly lastReceivedAt: string;
  readonly lastOutcomeAt: string | null;
  readonly versions: readonly { readonly versionId: string; readonly predictions: number }[];
}

/** Predictions of a span of time by column, each as long as `rows`. A prediction that was made twice is in it once, the newer. */
export interface TrafficWindow {
  readonly rows: number;
  /** Share of the window's predictions that was read: 1 unless there were more than asked for. */
  readonly sampled: number;
  /** Share of the answered rows that the endpoint's log keeps now. */
  readonly logShare: number;
  /** Features of which the log does not have every value as it came, because the endpoint's rules drop or hash them. */
  readonly redacted: readonly string[];
  readonly features: FeatureColumns;
  /** By feature; NaN where the version that answered does not know it. FP32 inputs carry the rounding of 32 bits. */
  readonly numbers: Readonly<Record<string, Float64Array>>;
  /** By feature; "" where the version that answered does not know it. */
  readonly categories: Readonly<Record<string, readonly string[]>>;
  /** Classes in the order of the probabilities, and the probability of each by row; null for a model without. */
  readonly classes: readonly string[] | null;
  readonly probabilities: readonly Float64Array[] | null;
  readonly labels: readonly (string | null)[];
  /** Predicted numbers, NaN without. */
  readonly values: Float64Array;
  /** Milliseconds since 1970. */
  readonly eventTimes: Float64Array;
  readonly latencyUs: Float64Array;
  /** Which of `versions` answered. */
  readonly versionIndex: Uint16Array;
  readonly versions: readonly { readonly versionId: string; readonly version: number; readonly rows: number }[];
  readonly outcomes: {
    /** How many rows have one. */
    readonly known: number;
    readonly labels: readonly (string | null)[];
    readonly values: Float64Array;
  };
}

/** What the endpoint answered to a try from the page. */
export interface TryAnswer {
  readonly status: number;
  readonly ms: number;
  /** Ids of its predictions in the log, row by row. */
  readonly predictionIds: readonly string[];
  readonly body: unknown;
}

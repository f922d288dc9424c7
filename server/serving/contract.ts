import type { ModelSignature } from "#server/registry/contract.ts";

// The seam between the serving process and everything that knows the database: the process is given a plan and is handed the functions below.

/** Rows with the scores that the version gave when it was checked. A model that gives others now is not put live. */
export interface Golden {
  readonly rows: number;
  readonly columns: Readonly<Record<string, readonly (number | string)[]>>;
  readonly labels: readonly string[] | null;
  /** Row by row, one per class. */
  readonly probabilities: readonly number[] | null;
  readonly values: readonly number[] | null;
}

/** One endpoint and the version that it is to serve. */
export interface PlanEntry {
  readonly endpointId: string;
  readonly projectId: string;
  readonly modelVersionId: string;
  /** The number of the registered version, shown as model_version. */
  readonly version: number;
  readonly sha256: string;
  /** A local file. */
  readonly path: string;
  readonly signature: ModelSignature;
  readonly golden?: Golden | undefined;
}

/** What is to be live, by the endpoint's name, which is the model's name in the protocol. */
export type ServingPlan = ReadonlyMap<string, PlanEntry>;

/** What became of an entry. A failed one leaves what was live before it in place. */
export interface PlanResult {
  readonly endpoint: string;
  readonly modelVersionId: string;
  readonly state: "live" | "unchanged" | "removed" | "failed";
  readonly error?: string;
}

/** Where a request went. */
export interface Target {
  readonly endpoint: string;
  readonly entry: PlanEntry;
}

/** `hidden`: the caller must not learn that the endpoint exists; the answer is the one for a name that does not. */
export type Access = "allowed" | "unauthenticated" | "forbidden" | "hidden";

/** One scored row, as it is kept. Numbers and categories are in the order of featureColumns(signature). Times are milliseconds since 1970. */
export interface PredictionRecord {
  readonly endpointId: string;
  readonly projectId: string;
  readonly modelVersionId: string;
  readonly predictionId: string;
  readonly requestId: string;
  readonly receivedAt: number;
  /** When the scored thing happened, where the caller said so. */
  readonly eventTime: number | null;
  readonly latencyUs: number;
  readonly numbers: Float64Array;
  readonly categories: readonly string[];
  readonly label: string | null;
  /** In the order of the signature's classes. */
  readonly probabilities: Float64Array | null;
  readonly value: number | null;
}

/** What really happened, told later. Exactly one of label and value is set. */
export interface Outcome {
  readonly predictionId: string;
  readonly label: string | null;
  readonly value: number | null;
  /** Milliseconds since 1970; null means now. */
  readonly observedAt: number | null;
}

export interface OutcomeReceipt {
  readonly accepted: number;
  /** Ids that no prediction of this endpoint has. */
  readonly unknown: readonly string[];
}

/** What one version of one endpoint did in one minute. */
export interface MinuteStats {
  readonly endpointId: string;
  readonly projectId: string;
  readonly modelVersionId: string;
  /** Start of the minute, milliseconds since 1970. */
  readonly minute: number;
  readonly requests: number;
  /** Requests by HTTP status. */
  readonly byStatus: Readonly<Record<number, number>>;
  readonly rows: number;
  /** Runs of the model; rows divided by it is the mean batch. */
  readonly executions: number;
  /** Answered requests (200) by bucket of server/kernel/statistics/latency-histogram.ts. */
  readonly latencyCounts: readonly number[];
  readonly latencySumUs: number;
  readonly latencyMaxUs: number;
}

import type { ServedArm } from "./arms-contract.ts";

/** One scored row, as it is kept. Numbers and categories are in the order of featureColumns(signature). Times are milliseconds since 1970. */
export interface PredictionRecord {
  readonly endpointId: string;
  readonly projectId: string;
  readonly modelVersionId: string;
  /** Of ARM_CODES. */
  readonly arm: number;
  /** Whether the router dealt it by its share; false when the caller asked for the version, or speaks of several entities at once. */
  readonly routed: boolean;
  readonly predictionId: string;
  readonly requestId: string;
  readonly receivedAt: number;
  /** When the scored thing happened, where the caller said so. */
  readonly eventTime: number | null;
  /** Whom the prediction speaks of, where the caller said so. */
  readonly entityKey: string | null;
  /** The token that asked. */
  readonly caller: string | null;
  readonly latencyUs: number;
  readonly numbers: readonly number[] | Float64Array;
  /** Numbers that the endpoint's rules keep out of the log: 1 where they stand. */
  readonly hidden: Uint8Array | null;
  /** Null where the rules keep a text out. */
  readonly categories: readonly (string | null)[];
  readonly label: string | null;
  /** In the order of the signature's classes. */
  readonly probabilities: Float64Array | null;
  readonly value: number | null;
}

/** What a shadow said of a row that another version answered. */
export interface ShadowRecord {
  readonly endpointId: string;
  readonly projectId: string;
  readonly modelVersionId: string;
  readonly armId: string;
  /** Of the prediction that was answered. */
  readonly predictionId: string;
  readonly receivedAt: number;
  readonly eventTime: number | null;
  readonly label: string | null;
  readonly probabilities: Float64Array | null;
  readonly value: number | null;
  /** Of the shadow's own run, a row's share of it. */
  readonly latencyUs: number;
}

/** A request that got no prediction. */
export interface RequestErrorRecord {
  readonly endpointId: string;
  readonly projectId: string;
  /** Null when none was chosen yet. */
  readonly modelVersionId: string | null;
  readonly arm: number | null;
  readonly routed: boolean;
  readonly requestId: string;
  readonly receivedAt: number;
  readonly status: number;
  readonly message: string;
  readonly entityKey: string | null;
  readonly caller: string | null;
  /** The beginning of the body; null where the endpoint keeps a column out of its log. */
  readonly body: string | null;
  readonly latencyUs: number;
}

/** What one version of one endpoint did in one role in one minute. */
export interface MinuteStats {
  readonly endpointId: string;
  readonly projectId: string;
  readonly modelVersionId: string;
  readonly arm: ServedArm;
  /** The canary or A/B that had a part of the requests meanwhile, its own counts included; "" while none had. */
  readonly beside: string;
  /** Start of the minute, milliseconds since 1970. */
  readonly minute: number;
  readonly requests: number;
  /** Those that the router gave it, not those that asked for its version. */
  readonly routed: number;
  /** Requests by HTTP status. */
  readonly byStatus: Readonly<Record<number, number>>;
  readonly rows: number;
  /** Runs of the model; rows divided by it is the mean batch. */
  readonly executions: number;
  /** Rows that a shadow did not score. */
  readonly skipped: number;
  /** Answered requests (200) by bucket of server/kernel/statistics/latency-histogram.ts. */
  readonly latencyCounts: readonly number[];
  readonly latencySumUs: number;
  readonly latencyMaxUs: number;
}

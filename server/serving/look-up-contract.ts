import type { PredictionDetail } from "./contract.ts";

/** The token that asked; null names where it is gone. */
export interface CallerDto {
  readonly tokenId: string;
  readonly name: string | null;
  readonly owner: string | null;
}

/** What a shadow said of the same row. */
export interface ShadowAnswer {
  readonly versionId: string;
  /** Null for a version that is gone. */
  readonly version: number | null;
  readonly label: string | null;
  readonly value: number | null;
  readonly probabilities: readonly { readonly label: string; readonly value: number }[];
  readonly latencyMs: number;
  readonly receivedAt: string;
  /** Whether it said the same class as the version that answered; null for numbers. */
  readonly agrees: boolean | null;
}

export interface FoundPrediction extends PredictionDetail {
  readonly caller: CallerDto | null;
  readonly shadows: readonly ShadowAnswer[];
}

/** A request that got no prediction. */
export interface RequestErrorDto {
  readonly endpoint: string;
  readonly requestId: string;
  readonly receivedAt: string;
  readonly status: number;
  readonly message: string;
  /** The version that was to answer; null when none was chosen yet. */
  readonly version: number | null;
  readonly entityKey: string | null;
  readonly caller: CallerDto | null;
  /** The beginning of the body; null where the endpoint keeps a column out of its log. */
  readonly body: string | null;
  readonly latencyMs: number;
}

/** Everything that the log knows of an id, over all endpoints of a project. */
export interface PredictionLookUp {
  readonly id: string;
  /** Of this prediction id, or of the request of this id; the newest first. */
  readonly predictions: readonly FoundPrediction[];
  /** There are more than are shown. */
  readonly more: boolean;
  readonly errors: readonly RequestErrorDto[];
}

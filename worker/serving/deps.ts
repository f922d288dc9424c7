import type { Registry } from "prom-client";
import type { Log } from "#server/platform/log.ts";
import type {
  Access,
  Caller,
  Limited,
  MinuteStats,
  OutcomeReceipt,
  PlanEntry,
  PredictionRecord,
  RequestErrorRecord,
  ShadowRecord,
  Target,
  ToldOutcome,
} from "#server/serving/contract.ts";
import type { ServiceHandler } from "./services/service-handler.ts";

/** What the serving process is handed. None of it is awaited on the path of a prediction, save an `authenticate` that has to ask. */
export interface ServingDeps {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Where callers reach the server, without a slash at the end; shown in the OpenAPI document. */
  readonly publicUrl: string;
  readonly version: string;
  readonly log: Log;
  readonly metrics: Registry;
  /** Why a version of the plan may not answer: its approvals, as they were signed, do not name it and its file. Null when they do. Asked before a version is loaded. */
  readonly whyNotApproved: (entry: PlanEntry) => string | null;
  /**
   * Whether this token may do this, and whose it is where that is known (then it may). `target` is null for a name that is not served, to tell bad tokens
   * from wrong names. Answer at once from a cache where possible: a promise costs the request a turn of the event loop.
   */
  readonly authenticate: (
    token: string | null,
    act: "predict" | "outcome",
    target: Target | null,
  ) => Access | Caller | Promise<Access | Caller>;
  /** Counts a request for predictions, or says which limit of the caller it is beyond. Decides at once. */
  readonly admitRequest: (caller: Caller, endpointId: string) => Limited | null;
  /** The same for the rows of a request, once they are known. */
  readonly admitRows: (caller: Caller, endpointId: string, rows: number) => Limited | null;
  /** Takes a scored row. Never throws and never waits: what cannot be kept is dropped and counted there. */
  readonly logPrediction: (record: PredictionRecord) => void;
  /** Takes what a shadow said, likewise. */
  readonly logShadow: (record: ShadowRecord) => void;
  /** Takes a request that got no prediction, likewise. */
  readonly logError: (record: RequestErrorRecord) => void;
  readonly recordOutcomes: (
    target: Target,
    outcomes: readonly ToldOutcome[],
    requestId: string,
  ) => Promise<OutcomeReceipt>;
  /** Called every five seconds in which something happened, and once at the end; a minute comes in parts. A failure is logged and the counts are lost. */
  readonly flushStats: (stats: readonly MinuteStats[]) => Promise<void>;
  /** Answers the routes of customised services; without it they are 404. */
  readonly services?: Pick<ServiceHandler, "handle" | "describe">;
  readonly limits?: Partial<Limits>;
}

export interface Limits {
  /** Largest body of a request. */
  readonly bodyBytes: number;
  /** Rows waiting per endpoint; a request beyond it is answered 429. */
  readonly queuedRows: number;
  /** Most rows in one run. */
  readonly batchRows: number;
  /** How long a stop waits for requests under way. */
  readonly drainMs: number;
  /** How long a caller may take to send the headers of a request, and all of it. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** A turn of the event loop that is this much late means that requests wait: shadows let rows pass then. */
  readonly lateMs: number;
}

/** A stop is done, with what is left of the log, before whoever started the process insists. */
export const LIMITS: Limits = {
  bodyBytes: 8 * 1024 * 1024,
  queuedRows: 4096,
  batchRows: 64,
  drainMs: 6_000,
  headersMs: 10_000,
  requestMs: 30_000,
  lateMs: 25,
};

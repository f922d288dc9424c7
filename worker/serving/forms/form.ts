import type { IncomingHttpHeaders } from "node:http";
import type { Piece } from "../batch.ts";
import type { Answer } from "../infer-answer.ts";
import type { InferRequest } from "../infer-request.ts";
import type { LiveModel } from "../live-model.ts";

/**
 * How a prediction is asked for and answered in one protocol. Everything between is the same for all of them: token, checks, run, log, counts and
 * the ids by which outcomes are told.
 */
export interface Form {
  /** Throws a Refusal that names the first wrong place. */
  readonly read: (model: LiveModel, body: Buffer, headers: IncomingHttpHeaders) => InferRequest;
  /** Throws a Refusal for an answer that the form cannot carry. */
  readonly write: (model: LiveModel, id: string, request: InferRequest, pieces: readonly Piece[]) => Answer;
  /** The body that tells of an error. */
  readonly error: (status: number, message: string) => string;
}

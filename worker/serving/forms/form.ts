import type { IncomingHttpHeaders } from "node:http";
import type { Piece } from "../batch.ts";
import type { Answer } from "../infer-answer.ts";
import type { InferRequest } from "../infer-request.ts";
import type { Keys } from "../router.ts";
import type { Surface } from "../surface.ts";

/** A body as far as it can be read without knowing the version that will answer. */
export interface Asked {
  /** JSON, or the text of a table. */
  readonly body: unknown;
  /** The bytes after the JSON; null when nothing says that there are some. */
  readonly raw: Buffer | null;
  /** The caller's id of the request. */
  readonly id: string | null;
  /** Of whom it speaks, where the body says so. */
  readonly keys: Keys | null;
}

/**
 * How a prediction is asked for and answered in one protocol. Everything between is the same for all of them: token, router, checks, run, log, counts
 * and the ids by which outcomes are told.
 */
export interface Form {
  /** Throws a Refusal for what is wrong whoever answers. */
  readonly parse: (body: Buffer, headers: IncomingHttpHeaders) => Asked;
  /** Throws a Refusal that names the first wrong place. */
  readonly read: (model: Surface, asked: Asked) => InferRequest;
  /** `told` are members of a JSON object that say who answers. Throws a Refusal for an answer that the form cannot carry. */
  readonly write: (model: Surface, id: string, request: InferRequest, pieces: readonly Piece[], told: string) => Answer;
  /** The body that tells of an error. */
  readonly error: (status: number, message: string) => string;
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { uuidv7 } from "#server/kernel/ids.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Form } from "./forms/form.ts";
import type { BinaryAnswer } from "./infer-answer.ts";
import { Refusal } from "./refusal.ts";

const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** One HTTP request on its way through the server. */
export class Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the server is stopping, so that the connection must not be used again. */
  readonly closing: () => boolean;
  /** Monotonic milliseconds, for the latency. */
  readonly started = performance.now();
  /** Milliseconds since 1970. */
  readonly receivedAt = Date.now();
  #requestId: string | undefined;
  #given: string | null | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, closing: () => boolean) {
    this.request = request;
    this.response = response;
    this.closing = closing;
  }

  /** The caller's X-Request-Id where it is one, else one of our own. */
  get requestId(): string {
    return (this.#requestId ??= this.#givenId() ?? uuidv7(this.receivedAt));
  }

  /** An id for a prediction whose caller gave none: new, even when a caller repeats its X-Request-Id. */
  newId(): string {
    return this.#givenId() === null ? this.requestId : uuidv7(this.receivedAt);
  }

  #givenId(): string | null {
    if (this.#given !== undefined) return this.#given;
    const given = this.request.headers["x-request-id"];
    return (this.#given = typeof given === "string" && REQUEST_ID.test(given) ? given : null);
  }
}

/** Answers with JSON that is written already. A caller who has left, or was answered, is no error. */
export function answer(call: Call, status: number, json: string, headers?: Readonly<Record<string, string>>): void {
  const { response } = call;
  if (response.headersSent || response.destroyed) return;
  if (call.closing()) response.setHeader("connection", "close");
  const length = Buffer.byteLength(json);
  if (headers === undefined && !call.closing() && !response.hasHeader("connection"))
    // A list is written as it is; an object is copied and checked name by name.
    response.writeHead(status, [
      "content-type",
      "application/json",
      "content-length",
      String(length),
      "x-request-id",
      call.requestId,
    ]);
  else
    response.writeHead(status, {
      "content-type": "application/json",
      "content-length": length,
      "x-request-id": call.requestId,
      ...headers,
    });
  // Text of ASCII alone, as nearly every answer is, is the same bytes in Latin-1, which are written without encoding them.
  response.end(json, length === json.length ? "latin1" : "utf8");
}

/** Answers with JSON and the raw tensors that follow it; a header says where they begin. */
export function answerBinary(
  call: Call,
  { json, tensors }: BinaryAnswer,
  headers: Readonly<Record<string, string>> = {},
): void {
  const { response, requestId } = call;
  if (response.headersSent || response.destroyed) return;
  if (call.closing()) response.setHeader("connection", "close");
  const length = Buffer.byteLength(json);
  const body = Buffer.concat([Buffer.from(json), ...tensors]);
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-length": body.length,
    "inference-header-content-length": length,
    "x-request-id": requestId,
    ...headers,
  });
  response.end(body);
}

/**
 * Answers with an error, in the form's own words, and returns what was said. What is no refusal is a defect: it stays in the log, and the caller
 * gets the request id.
 */
export function answerError(
  call: Call,
  error: unknown,
  logDefect: (error: unknown) => void,
  form: Pick<Form, "error">,
): { status: number; message: string } {
  const { status, message, headers } = toRefusal(error, call.requestId, logDefect);
  answer(call, status, form.error(status, message), headers);
  return { status, message };
}

function toRefusal(error: unknown, requestId: string, logDefect: (error: unknown) => void): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof AppError)
    return new Refusal(error.status, [error.message, error.place.remedy].filter(Boolean).join(" "));
  logDefect(error);
  return new Refusal(500, `Something went wrong here; request ${requestId} in the server's log says what.`);
}

import { AppError, type ErrorCode, messageOf } from "#server/kernel/errors.ts";
import { log } from "#server/platform/log.ts";

interface Words {
  readonly status: number;
  readonly error_code: string;
  readonly sqlstate?: string;
  readonly error_class?: string;
}

const DENIED = { sqlstate: "KAM00", error_class: "PERMISSION_DENIED" };
const WRONG = { sqlstate: "KAM00", error_class: "INVALID_PARAMETER_VALUE" };
const MISSING = { sqlstate: "KAM00", error_class: "RESOURCE_NOT_FOUND" };
const OURS = { sqlstate: "XXM00", error_class: "CLIENT_INTERNAL_ERROR" };

/**
 * What MLflow calls our refusals. Clients branch on `error_code`, and repeat 408, 429 and every 5xx but 501 for up to four minutes: a mistake of the
 * caller must never be one of those.
 */
const WORDS: Readonly<Record<ErrorCode, Words>> = {
  invalid_input: { status: 400, error_code: "INVALID_PARAMETER_VALUE", ...WRONG },
  unauthenticated: { status: 401, error_code: "UNAUTHENTICATED" },
  forbidden: { status: 403, error_code: "PERMISSION_DENIED", ...DENIED },
  not_found: { status: 404, error_code: "RESOURCE_DOES_NOT_EXIST", ...MISSING },
  conflict: {
    status: 400,
    error_code: "RESOURCE_ALREADY_EXISTS",
    sqlstate: "KAM00",
    error_class: "RESOURCE_ALREADY_EXISTS",
  },
  stale: { status: 409, error_code: "RESOURCE_CONFLICT" },
  too_large: { status: 413, error_code: "INVALID_PARAMETER_VALUE", ...WRONG },
  unsupported_media: { status: 400, error_code: "INVALID_PARAMETER_VALUE", ...WRONG },
  rate_limited: { status: 429, error_code: "REQUEST_LIMIT_EXCEEDED" },
  timed_out: { status: 504, error_code: "TEMPORARILY_UNAVAILABLE" },
  internal: { status: 500, error_code: "INTERNAL_ERROR", ...OURS },
  unavailable: { status: 503, error_code: "TEMPORARILY_UNAVAILABLE", ...OURS },
};

/** A part of MLflow's API that Touchstone does not serve. Clients get 501, which they do not repeat. */
export class NotServed extends Error {
  constructor(what: string) {
    super(`${what} Touchstone does not serve this part of the MLflow API.`);
    this.name = "NotServed";
  }
}

/** An address that MLflow does not have either. */
export class NoEndpoint extends Error {}

function worded(error: unknown, requestId: string): Words & { readonly message: string } {
  if (error instanceof NotServed) return { status: 501, error_code: "NOT_IMPLEMENTED", message: error.message };
  if (error instanceof NoEndpoint)
    return { status: 404, error_code: "ENDPOINT_NOT_FOUND", ...MISSING, message: error.message };
  if (error instanceof AppError && error.status < 500) {
    log.debug({ requestId, code: error.code }, error.message);
    return { ...WORDS[error.code], message: error.message };
  }
  log.error({ requestId, err: error instanceof Error ? error : new Error(messageOf(error)) }, "an MLflow call failed");
  if (error instanceof AppError && error.code === "unavailable")
    return { ...WORDS.unavailable, message: `${error.message} ${error.place.remedy ?? ""}`.trim() };
  return { ...WORDS.internal, message: `The request could not be completed; it is recorded as ${requestId}.` };
}

/** The answer to a call that was refused or failed, in the form that MLflow clients turn into an MlflowException. */
export function mlflowError(error: unknown, requestId: string): Response {
  const { status, ...body } = worded(error, requestId);
  return Response.json(body, {
    status,
    headers: { "x-request-id": requestId, ...(status === 401 ? { "www-authenticate": "Bearer" } : {}) },
  });
}

import { AppError, messageOf } from "#server/kernel/errors.ts";
import { log } from "#server/platform/log.ts";

const TITLES: Readonly<Record<number, string>> = {
  400: "The request is not valid",
  401: "Sign in first",
  403: "Not allowed",
  404: "Not found",
  409: "Conflict",
  412: "Changed meanwhile",
  413: "Too large",
  415: "Unsupported format",
  429: "Too many requests",
  500: "Something went wrong on our side",
  503: "Not available at the moment",
};

export interface Problem {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** What is said of an error, as RFC 9457 problem details. Defects are logged whole and told apart only by their request id. */
export function problemOf(error: unknown, requestId: string): Problem {
  if (error instanceof AppError) {
    const { field, value, remedy, page, issues } = error.place;
    log[error.status >= 500 ? "error" : "debug"](
      { requestId, code: error.code, err: error.status >= 500 ? error : undefined },
      error.message,
    );
    const title = TITLES[error.status] ?? "Refused";
    return {
      status: error.status,
      body: {
        type: "about:blank",
        title,
        status: error.status,
        code: error.code,
        detail: error.message,
        field,
        value,
        remedy,
        page,
        issues,
        requestId,
      },
    };
  }
  log.error(
    { requestId, err: error instanceof Error ? error : new Error(messageOf(error)) },
    "a request failed unexpectedly",
  );
  const detail = "The request could not be completed. The error has been recorded.";
  return {
    status: 500,
    body: {
      type: "about:blank",
      title: TITLES[500],
      status: 500,
      code: "internal",
      detail,
      remedy: "Try again; if it stays, tell the administrator the request id.",
      requestId,
    },
  };
}

export function problemResponse(error: unknown, requestId: string): Response {
  const { status, body } = problemOf(error, requestId);
  const headers = {
    "content-type": "application/problem+json",
    "x-request-id": requestId,
    ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
  };
  return new Response(JSON.stringify(body), { status, headers });
}

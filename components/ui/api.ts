/** Requests from the browser to this server, and the one error they throw. */

export type ProblemPage = { href: string; label: string };

export type Problem = {
  status: number;
  code: string;
  title: string;
  detail?: string | undefined;
  field?: string | undefined;
  value?: unknown;
  remedy?: string | undefined;
  /** The page where it goes on. */
  page?: ProblemPage | undefined;
  /** One per wrong field of a form. */
  issues?: readonly { field: string; message: string }[] | undefined;
  requestId?: string | undefined;
};

/** A refusal as the server words it (RFC 9457 problem details). `status` 0 and code "network": no answer came. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly field: string | undefined;
  readonly value: unknown;
  readonly remedy: string | undefined;
  readonly page: ProblemPage | undefined;
  readonly issues: readonly { field: string; message: string }[];
  readonly requestId: string | undefined;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = "ApiError";
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.field = problem.field;
    this.value = problem.value;
    this.remedy = problem.remedy;
    this.page = problem.page;
    this.issues = problem.issues ?? [];
    this.requestId = problem.requestId;
  }
}

export type ApiOptions = {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined;
  /** Sent as JSON; a Blob, FormData or string is sent as it is. */
  body?: unknown;
  /** Appended to the path; undefined, null and empty are left out, an array repeats its name. */
  query?: Record<string, string | number | boolean | null | undefined | readonly string[]> | undefined;
  headers?: Record<string, string> | undefined;
  signal?: AbortSignal | undefined;
};

/** Path plus query string. */
export function withQuery(path: string, query: ApiOptions["query"]): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null || value === "") continue;
    if (typeof value === "object") for (const one of value) search.append(name, one);
    else search.set(name, String(value));
  }
  const text = search.toString();
  return text === "" ? path : `${path}${path.includes("?") ? "&" : "?"}${text}`;
}

/**
 * Asks the server and returns its JSON (undefined for an empty answer). GET unless a body is given, then POST.
 * Throws ApiError for every refusal and when no answer comes; an aborted request throws the browser's AbortError.
 */
export async function api<T>(path: string, options: ApiOptions = {}): Promise<T> {
  const raw = isRaw(options.body);
  const init: RequestInit = {
    method: options.method ?? (options.body === undefined ? "GET" : "POST"),
    headers: {
      accept: "application/json",
      ...(options.body === undefined || raw ? {} : { "content-type": "application/json" }),
      ...options.headers,
    },
    credentials: "same-origin",
    ...(options.body === undefined ? {} : { body: raw ? (options.body as BodyInit) : JSON.stringify(options.body) }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  let response: Response;
  try {
    response = await fetch(withQuery(path, options.query), init);
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") throw error;
    throw networkError();
  }
  const text = await response.text();
  if (!response.ok) throw new ApiError(parseProblem(response.status, text, response.headers.get("x-request-id")));
  if (text === "") return undefined as T;
  return JSON.parse(text) as T;
}

/** Uploads one body with progress. `onProgress` gets bytes sent and in all; the answer's JSON is returned. */
export async function upload<T>(
  path: string,
  body: Blob | FormData,
  options: {
    method?: "POST" | "PUT";
    headers?: Record<string, string>;
    signal?: AbortSignal;
    onProgress?: (sent: number, total: number) => void;
  } = {},
): Promise<T> {
  const request = new XMLHttpRequest();
  return await new Promise<T>((resolve, reject) => {
    request.open(options.method ?? "POST", path);
    request.setRequestHeader("accept", "application/json");
    for (const [name, value] of Object.entries(options.headers ?? {})) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => options.onProgress?.(event.loaded, event.total);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        resolve((request.responseText === "" ? undefined : JSON.parse(request.responseText)) as T);
      } else
        reject(
          new ApiError(parseProblem(request.status, request.responseText, request.getResponseHeader("x-request-id"))),
        );
    };
    request.onerror = () => reject(networkError());
    request.onabort = () => reject(new DOMException("The upload was cancelled.", "AbortError"));
    options.signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

/** The message that belongs under the control named `field`, if this error is about it. */
export function fieldError(error: unknown, field: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const issue = error.issues.find((each) => each.field === field);
  if (issue !== undefined) return issue.message;
  return error.field === field ? [error.message, error.remedy].filter(Boolean).join(" ") : undefined;
}

/** Anything thrown as a Problem, so that one component can show it. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error;
  return {
    status: 0,
    code: "internal",
    title: "Something went wrong in this page",
    detail: error instanceof Error ? error.message : String(error),
    remedy: "Try again. If it happens again, reload the page.",
  };
}

/** Reads a problem+json body; an answer of another kind (a proxy's page) still becomes a usable problem. */
export function parseProblem(status: number, text: string, requestId: string | null): Problem {
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null) body = parsed as Record<string, unknown>;
  } catch {
    // Not JSON: the status alone speaks.
  }
  const word = (name: string): string | undefined => (typeof body[name] === "string" ? body[name] : undefined);
  return {
    status,
    code: word("code") ?? "internal",
    title: word("title") ?? `The server answered ${status}`,
    detail: word("detail"),
    field: word("field"),
    value: body["value"],
    remedy: word("remedy"),
    page: readPage(body["page"]),
    issues: readIssues(body["issues"]),
    requestId: word("requestId") ?? requestId ?? undefined,
  };
}

/** Only an address within this app becomes a link. */
function readPage(value: unknown): ProblemPage | undefined {
  if (typeof value !== "object" || value === null || !("href" in value) || !("label" in value)) return undefined;
  const { href, label } = value;
  return typeof href === "string" && typeof label === "string" && /^\/(?![/\\])/.test(href)
    ? { href, label }
    : undefined;
}

function readIssues(value: unknown): { field: string; message: string }[] {
  if (!Array.isArray(value)) return [];
  return value.filter(
    (each: unknown): each is { field: string; message: string } =>
      typeof each === "object" &&
      each !== null &&
      "field" in each &&
      typeof each.field === "string" &&
      "message" in each &&
      typeof each.message === "string",
  );
}

function isRaw(body: unknown): boolean {
  return (
    typeof body === "string" ||
    body instanceof Blob ||
    body instanceof FormData ||
    body instanceof URLSearchParams ||
    body instanceof ArrayBuffer
  );
}

function networkError(): ApiError {
  return new ApiError({
    status: 0,
    code: "network",
    title: "The server cannot be reached",
    detail: "No answer came from the server.",
    remedy: "Check the connection, then try again. Nothing you typed is lost.",
  });
}

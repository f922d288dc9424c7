import type { z } from "zod";
import type { Actor, PlatformUseCase, ProjectUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { log } from "#server/platform/log.ts";
import { callerOf } from "./caller.ts";
import { problemResponse } from "./problem.ts";
import { observeRequest } from "./request-metrics.ts";

type Params = Readonly<Record<string, string>>;
interface RouteContext {
  /** Next hands on undefined for an address without parameters. */
  params: Promise<Record<string, string | string[] | undefined> | undefined>;
}
export type RouteHandler = (request: Request, context: RouteContext) => Promise<Response>;

export interface HandlerContext {
  readonly actor: Actor;
  readonly params: Params;
  readonly request: Request;
  readonly requestId: string;
}

export interface Parts {
  readonly params: Params;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly headers: Headers;
}

/** An id from a proxy in front of us is carried on if it looks like one. */
export function requestIdOf(request: Request): string {
  const given = request.headers.get("x-request-id");
  return given && /^[\w-]{8,64}$/.test(given) ? given : uuidv7();
}

/**
 * The wrapper of every route handler: finds the caller, runs `work`, turns errors into problem+json, logs and measures. Use it directly for streams; use
 * `route` for everything that is JSON in and out.
 */
export function handle(work: (context: HandlerContext) => Promise<Response>): RouteHandler {
  return async (request, context) => {
    const requestId = requestIdOf(request);
    const started = performance.now();
    let response: Response;
    try {
      const actor = await callerOf(request, requestId);
      const params: Record<string, string> = {};
      for (const [key, value] of Object.entries((await context.params) ?? {}))
        params[key] = Array.isArray(value) ? value.map(encodeURIComponent).join("/") : (value ?? "");
      response = await work({ actor, params, request, requestId });
      if (!response.headers.has("x-request-id")) response.headers.set("x-request-id", requestId);
    } catch (error) {
      response = problemResponse(error, requestId);
    }
    const ms = performance.now() - started;
    observeRequest(request.method, response.status, ms);
    log.debug(
      {
        requestId,
        method: request.method,
        path: new URL(request.url).pathname,
        status: response.status,
        ms: Math.round(ms),
      },
      "request",
    );
    return response;
  };
}

/** The JSON body of a request; an empty body is an empty object. Errors: unsupported_media; invalid_input for what is no JSON or breaks off. */
export async function jsonBody(request: Request): Promise<unknown> {
  const text = await request.text().catch((cause: unknown) => {
    // Whoever leaves the page in the middle of a request hears nothing of it, and it is no defect.
    throw new AppError("invalid_input", "The body broke off.", { field: "body", remedy: "Send it again.", cause });
  });
  if (text === "") return {};
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/([\w.+-]*\+)?json\b/.test(type))
    throw new AppError("unsupported_media", `The body is sent as '${type || "nothing"}'.`, {
      field: "Content-Type",
      value: type,
      remedy: "Send JSON with the header Content-Type: application/json.",
    });
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AppError("invalid_input", `The body is not JSON: ${(error as Error).message}`, { field: "body" });
  }
}

function isProjectCase(useCase: AnyUseCase): useCase is ProjectUseCase<z.ZodType, unknown> {
  return useCase.info.on === "project";
}
// The input's type is the schema's own business: `call` parses it. Method syntax keeps the parameter bivariant.
type AnyUseCase = ProjectUseCase<z.ZodType, unknown> | PlatformUseCase<z.ZodType, unknown>;
interface CallableUseCase<Result> {
  (...all: never[]): Promise<Result>;
  readonly info: { readonly on: "project" | "platform" };
}

/**
 * A route that is one use case. The project is `params.project`; the input is the query and the other params, and for a changing request the JSON body
 * on top, or what `input` makes of them. The answer is the result as JSON that nobody keeps, or what `answer` makes of it.
 */
export function route<Result>(
  useCase: CallableUseCase<Result>,
  options: { status?: number; input?: (parts: Parts) => unknown; answer?: (result: Result) => Response } = {},
): RouteHandler {
  const called = useCase as unknown as AnyUseCase;
  return handle(async ({ actor, params, request }) => {
    const query = Object.fromEntries(new URL(request.url).searchParams);
    const body = request.method === "GET" || request.method === "HEAD" ? {} : await jsonBody(request);
    const { project = "", ...rest } = Object.fromEntries(
      Object.entries(params).map(([key, value]) => [key, decodeURIComponent(value)]),
    );
    const input = options.input
      ? options.input({ params: { project, ...rest }, query, body, headers: request.headers })
      : { ...query, ...rest, ...(body as object) };
    const result = isProjectCase(called) ? await called(actor, project, input) : await called(actor, input);
    if (options.answer) return options.answer(result as Result);
    return Response.json(result ?? null, { status: options.status ?? 200, headers: { "cache-control": "no-store" } });
  });
}

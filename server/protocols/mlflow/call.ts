import type { Actor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { env } from "#server/platform/env.ts";
import { Fields } from "./fields.ts";

/** One call of the MLflow API: who, in which project, with what. */
export interface Call {
  readonly actor: Actor;
  readonly project: string;
  readonly fields: Fields;
  readonly request: Request;
}
export type Handler = (call: Call) => Promise<object>;

/** The greatest JSON body that is read; a dataset's profile alone may have 16 MB. */
const LARGEST = 64 * 1024 * 1024;

/**
 * The project of a call: the one that the tracking URI names ("http://host/p/<project>"), else the one that the token was made for, since MLflow clients
 * name none. Whether the caller may act in it is decided by what is called.
 * Errors: invalid_input for a person and for a token of no project, saying what to do.
 */
export function projectOf(actor: Actor, named?: string): string {
  const project = named ?? actor.token?.projectId;
  if (project) return project;
  const why =
    actor.kind === "token"
      ? "This token belongs to no project."
      : "The MLflow API takes an API token, not a browser session.";
  throw new AppError(
    "invalid_input",
    `${why} MLflow clients name no project: set MLFLOW_TRACKING_URI to ${env().appUrl}/p/<project>, or create a token in the project's Settings at ${env().appUrl} and set it as MLFLOW_TRACKING_TOKEN.`,
    { field: "Authorization" },
  );
}

async function bodyText(request: Request): Promise<string> {
  if (!request.body) return "";
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += part.byteLength;
    if (size > LARGEST)
      throw new AppError("too_large", `The body is larger than ${LARGEST / 1024 / 1024} MiB.`, { field: "body" });
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function fromQuery(url: URL): Fields {
  const raw: Record<string, unknown> = {};
  for (const name of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(name);
    raw[name] = values.length > 1 ? values : values[0];
  }
  return new Fields(raw);
}

function parsed(text: string): unknown {
  const value = JSON.parse(text) as unknown;
  // Older clients encode their JSON twice.
  return typeof value === "string" ? (JSON.parse(value) as unknown) : value;
}

/** What a request says: its query for GET, else its JSON body. Errors: invalid_input, too_large. */
export async function fieldsOf(request: Request): Promise<Fields> {
  const url = new URL(request.url);
  if (request.method === "GET" && url.search !== "") return fromQuery(url);
  const text = await bodyText(request);
  if (text.trim() === "") return fromQuery(url);
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\b/i.test(type))
    throw new AppError("invalid_input", "Bad Request. Content-Type must be one of ['application/json'].", {
      field: "Content-Type",
      value: type,
    });
  let value: unknown;
  try {
    value = parsed(text);
  } catch (error) {
    throw new AppError("invalid_input", `The body is not JSON: ${(error as Error).message}`, { field: "body" });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new AppError("invalid_input", "The body must be a JSON object.", { field: "body" });
  return new Fields(value as Record<string, unknown>);
}

/** The number in an experiment id; the empty id is the default experiment. */
export function experimentNumber(id: string | undefined): number {
  if (id === undefined || id === "") return 0;
  const number = /^\s*\d{1,18}\s*$/.test(id) ? Number(id) : NaN;
  if (Number.isNaN(number))
    throw new AppError("invalid_input", `Invalid experiment ID '${id}'. Experiment ID must be a valid integer.`, {
      field: "experiment_id",
      value: id,
    });
  return number;
}

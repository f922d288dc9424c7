import { type Actor, actorOfToken, createToken } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { answerMlflow } from "./index.ts";

// What tests of the wire share: one call of the API without a server, and what it answered.

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** What stands at a dotted path of an answer. */
export function at<T = unknown>(answer: Answer, path: string): T {
  return path
    .split(".")
    .reduce((value: unknown, key) => (value as Record<string, unknown> | undefined)?.[key], answer.body) as T;
}

/** One call, by an actor or by nobody (the refusal that a missing token meets). A body that is text or bytes is sent as it is. */
export async function send(
  actor: Actor | AppError,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const raw = typeof body === "string" || body instanceof Uint8Array;
  const request = new Request(new URL(path, "http://localhost"), {
    method,
    headers: { ...(body === undefined || raw ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
  });
  const response = await answerMlflow(request, {
    requestId: "test-request",
    actorOf: async () => {
      if (actor instanceof AppError) throw actor;
      return await Promise.resolve(actor);
    },
  });
  const text = await response.text();
  const json = (response.headers.get("content-type") ?? "").includes("json") && response.status !== 206;
  return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers };
}

/** Those that docs/data-scientist.md tells people to give to a client, and no more. */
const SCOPES = ["tracking:read", "tracking:write", "registry:read", "registry:write", "registry:webhooks"] as const;

/** A person's token in a project, as the actor that uses it. */
export async function tokenActor(who: Actor, project: string): Promise<Actor> {
  const actor = await actorOfToken((await createToken(who, project, { name: "t", scopes: [...SCOPES] })).secret);
  if (!actor) throw new Error("a token that was just made is not known");
  return actor;
}

import type { IncomingMessage } from "node:http";
import type { Access, Caller } from "#server/serving/contract.ts";
import type { ServingDeps } from "./deps.ts";
import type { LiveModels } from "./live-models.ts";
import { Refusal } from "./refusal.ts";

export type Act = "predict" | "outcome";
const BEARER = /^Bearer +(\S+) *$/i;

/** The token of a request; null without one. */
export function tokenOf(request: IncomingMessage): string | null {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  // The usual spelling without the work of a pattern.
  if (header.startsWith("Bearer ") && !header.includes(" ", 7)) return header.length > 7 ? header.slice(7) : null;
  return BEARER.exec(header)?.[1] ?? null;
}

/** Whether a token may act on an endpoint; at once where that is known. */
export function accessTo(
  { authenticate }: Pick<ServingDeps, "authenticate">,
  models: LiveModels,
  token: string | null,
  act: Act,
  endpoint: string,
): Access | Caller | Promise<Access | Caller> {
  return authenticate(token, act, models.get(endpoint)?.target ?? null);
}

/** Whose the request is, where that is known. Throws the Refusal that an access means: 401, 403, or the 404 of a name that does not exist. */
export function demand(access: Access | Caller, act: Act, endpoint: string): Caller | null {
  if (typeof access === "object") return access;
  if (access === "allowed") return null;
  if (access === "unauthenticated")
    throw new Refusal(401, "Send a valid API token: Authorization: Bearer <token>.", { "www-authenticate": "Bearer" });
  if (access === "hidden") throw notLive(endpoint);
  throw new Refusal(
    403,
    act === "predict"
      ? "This token may not ask for predictions here: it needs the scope serving:predict. Create one on the endpoint's page."
      : "This token may not send outcomes here: it needs the scope serving:outcomes. Create one on the endpoint's page.",
  );
}

export function notLive(name: string): Refusal {
  return new Refusal(404, `There is no live endpoint named '${name}'.`);
}

/** Before the first plan no endpoint is known, which does not mean that there is none: a caller who reads 404 would give up. */
export function starting(): Refusal {
  return new Refusal(503, "Serving is starting and does not know its endpoints yet; try again in a second.", {
    "retry-after": "1",
  });
}

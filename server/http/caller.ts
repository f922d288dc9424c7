import { actorOfSession, actorOfToken, type Actor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { env } from "#server/platform/env.ts";
import { refreshedRoles } from "./session-refresh.ts";

const COOKIES = ["__Secure-next-auth.session-token", "next-auth.session-token"];

/** The session cookie of a request, under either of the names that next-auth uses. */
export function sessionCookie(header: string | null): string | null {
  for (const part of (header ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && COOKIES.includes(part.slice(0, at).trim())) return decodeURIComponent(part.slice(at + 1).trim());
  }
  return null;
}

/** The secret of an Authorization header: a bearer token, or the password of Basic, as git and MLflow send it. */
export function secretOf(header: string | null): string | null {
  const [scheme = "", value = ""] = (header ?? "").split(" ");
  if (scheme.toLowerCase() === "bearer" && value) return value;
  if (scheme.toLowerCase() !== "basic" || !value) return null;
  const text = Buffer.from(value, "base64").toString();
  return text.slice(text.indexOf(":") + 1) || null;
}

/**
 * Who is calling: an API token if one is sent, else the signed-in person. A changing request with a session must come from our own origin, because the
 * browser adds the cookie whoever asks. Errors: unauthenticated, forbidden for a foreign origin.
 */
export async function callerOf(request: Request, requestId: string): Promise<Actor> {
  const secret = secretOf(request.headers.get("authorization"));
  if (secret) {
    const actor = await actorOfToken(secret, requestId);
    if (actor) return actor;
    throw new AppError("unauthenticated", "The API token is unknown, expired or revoked.", {
      remedy: "Create a new one in the project's Settings.",
    });
  }
  const cookie = sessionCookie(request.headers.get("cookie"));
  const person = cookie ? await actorOfSession(cookie, requestId) : null;
  if (!person?.userId)
    throw new AppError("unauthenticated", "You are not signed in, or your session has ended.", {
      remedy: "Sign in again, or send an API token as bearer token.",
    });
  if (request.method !== "GET" && request.method !== "HEAD") {
    const origin = request.headers.get("origin");
    if (origin !== null && origin !== new URL(env().appUrl).origin)
      throw new AppError("forbidden", `Requests from ${origin} are refused.`, {
        field: "Origin",
        value: origin,
        remedy: `Open Touchstone at ${env().appUrl}.`,
      });
  }
  await refreshedRoles(person.userId);
  return person;
}

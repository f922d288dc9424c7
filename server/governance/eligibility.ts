import { z } from "zod";
import type { Actor } from "#server/identity/index.ts";

const Barred = z.array(z.object({ userId: z.string(), reason: z.string() }));

/** Why nobody decides here for this actor, whatever state the request is in: no person, or one whose own work it is. Null for everybody else. */
export function barredReason(actor: Actor, barred: unknown): string | null {
  if (actor.kind !== "person" || !actor.userId) return "A promotion is decided by a signed-in person.";
  const own = Barred.parse(barred).find((entry) => entry.userId === actor.userId);
  return own ? `You ${own.reason}, so another person must decide.` : null;
}

/**
 * Why this person may not decide on a request, as a sentence; null when they may. Four eyes: nobody decides on work of their own, and a vote is a
 * person's, never a token's.
 */
export function whyNotDecide(
  actor: Actor,
  scopes: readonly string[],
  request: { status: string; barred: unknown },
  decisions: readonly { userId: string; vote: string; voidedAt: Date | null }[],
): string | null {
  if (actor.kind !== "person" || !actor.userId) return "A promotion is decided by a signed-in person.";
  if (!scopes.includes("governance:decide")) return "Only a reviewer of this project decides on promotions.";
  const own = barredReason(actor, request.barred);
  if (own) return own;
  if (request.status === "checking") return "The checks are still running.";
  if (request.status === "blocked") return "A check did not pass, so there is nothing to approve.";
  if (request.status === "rolling_out") return "It was approved and is being rolled out.";
  if (request.status !== "ready") return "This request is not open for decisions.";
  if (
    decisions.some(
      (decision) => decision.userId === actor.userId && decision.vote === "approve" && decision.voidedAt === null,
    )
  )
    return "You have approved; another reviewer is still needed.";
  return null;
}

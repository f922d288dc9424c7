import type { Db } from "#server/platform/db.ts";
import type { EndpointHealth, LiveVersion } from "./contract.ts";
import { stoppedSentence } from "./stopped.ts";

/** A worker writes its heartbeat every five seconds. */
const SILENT_MS = 20_000;

/** Whether a process that serves models is running. */
export async function isServingUp(db: Db): Promise<boolean> {
  const worker = await db.worker.findFirst({
    where: { roles: { has: "serving" }, stoppedAt: null, heartbeatAt: { gt: new Date(Date.now() - SILENT_MS) } },
    select: { id: true },
  });
  return worker !== null;
}

/** What an endpoint does now, and if it is not live why, in a sentence. */
export function healthOf(facts: {
  readonly name: string;
  readonly state: string;
  readonly stateBy: string | null;
  readonly stateAt: Date | null;
  readonly stateReason: string;
  readonly problem: string | null;
  readonly live: LiveVersion | null;
  readonly hasChampion: boolean;
  readonly isUp: boolean;
}): { health: EndpointHealth; reason: string | null } {
  if (facts.state === "stopped")
    return { health: "stopped", reason: stoppedSentence(facts.name, facts.stateBy, facts.stateAt, facts.stateReason) };
  if (!facts.isUp)
    return {
      health: "down",
      reason: "No serving process runs, so nothing answers. Ask an administrator to start one.",
    };
  if (facts.problem) {
    const meanwhile = facts.live ? ` Version ${facts.live.version} goes on answering.` : "";
    return { health: "failing", reason: facts.problem + meanwhile };
  }
  if (facts.live) return { health: "live", reason: null };
  return {
    health: "waiting",
    reason: facts.hasChampion
      ? "The champion is being loaded."
      : "The model has no champion yet. Request the promotion of a version.",
  };
}

import { z } from "zod";
import { RolloutPolicy } from "#server/governance/contract.ts";
import type { Db } from "#server/platform/db.ts";
import { RolloutBaseline, RolloutReading, RolloutState, RolloutStepDone } from "../rollout-contract.ts";

/** A rollout with its stored JSON read. */
export async function findRollout(db: Db, id: string) {
  const row = await db.rollout.findUniqueOrThrow({ where: { id } });
  return {
    ...row,
    state: RolloutState.parse(row.state),
    policy: RolloutPolicy.parse(row.policy),
    baseline: RolloutBaseline.parse(row.baseline),
    reading: row.reading === null ? null : RolloutReading.parse(row.reading),
    history: z.array(RolloutStepDone).parse(row.history),
  };
}
export type RolloutRow = Awaited<ReturnType<typeof findRollout>>;

/** Milliseconds that the step has run, without pauses. */
export function ranMs(rollout: Pick<RolloutRow, "waitedMs" | "runningSince">, now: number): number {
  return rollout.waitedMs + (rollout.runningSince ? Math.max(0, now - rollout.runningSince.getTime()) : 0);
}

import { systemActor } from "#server/identity/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { listTrafficRange } from "#server/serving/index.ts";
import type { MonitorConfig } from "./contract.ts";
import { startRetraining } from "./start-retraining.ts";

/** As long as rows still arrive within this, what is frozen would be a part of them. */
export const QUIET_MS = 20_000;

/**
 * Starts the retraining of a monitor that asks for it by itself: one for all alerts that are open together, once outcomes are known and the traffic that
 * opened them has come to rest.
 */
export async function retrainIfAutomatic(
  monitor: {
    readonly id: string;
    readonly projectId: string;
    readonly endpointId: string;
    readonly config: MonitorConfig;
  },
  now = Date.now(),
): Promise<void> {
  if (monitor.config.retrain.mode !== "automatic") return;
  const open = await prisma().alert.findMany({
    where: {
      monitorId: monitor.id,
      projectId: monitor.projectId,
      status: { not: "resolved" },
      kind: { not: "service" },
    },
    orderBy: { number: "asc" },
    select: { number: true, retraining: true },
  });
  const [first] = open;
  if (!first || open.some((alert) => alert.retraining !== null)) return;
  const { outcomes, days } = await listTrafficRange(monitor.endpointId);
  if (outcomes === 0) return;
  const last = Math.max(...days.map((day) => Date.parse(day.lastOutcomeAt ?? day.lastReceivedAt)));
  if (now - last < QUIET_MS) return;
  try {
    await startRetraining(systemActor("Touchstone monitoring"), monitor.projectId, { number: first.number });
  } catch (error) {
    // Somebody was faster.
    if (!isAppError(error, "conflict")) throw error;
  }
}

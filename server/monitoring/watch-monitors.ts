import { prisma } from "#server/platform/db.ts";
import { enqueueJob } from "#server/platform/jobs.ts";
import { listTrafficRange } from "#server/serving/index.ts";
import { MonitorConfig } from "./contract.ts";
import { QUIET_MS } from "./automatic-retraining.ts";
import { computeWindows } from "./jobs.ts";

/** Rows may be written shortly before the moment a computation noted and become visible shortly after. */
const OVERLAP_MS = 5_000;

/** Queues the monitors whose endpoint received predictions or outcomes since they were last brought up to date. Returns how many. */
export async function watchMonitors(): Promise<number> {
  const db = prisma();
  const monitors = await db.monitor.findMany({
    where: { enabled: true, project: { archivedAt: null } },
    select: { id: true, projectId: true, endpointId: true, checkedAt: true, config: true },
  });
  let due = 0;
  for (const monitor of monitors) {
    const { days } = await listTrafficRange(monitor.endpointId);
    if (days.length === 0) continue;
    const newest = Math.max(
      ...days.map((day) =>
        Math.max(Date.parse(day.lastReceivedAt), Date.parse(day.lastOutcomeAt ?? day.lastReceivedAt)),
      ),
    );
    // An automatic retraining waits until the traffic rests, so somebody must look once more after that.
    const isAutomatic = MonitorConfig.parse(monitor.config).retrain.mode === "automatic";
    const limit = newest + OVERLAP_MS + (isAutomatic ? QUIET_MS : 0);
    if (monitor.checkedAt && monitor.checkedAt.getTime() > limit) continue;
    await enqueueJob(db, computeWindows, { projectId: monitor.projectId, monitorId: monitor.id });
    due += 1;
  }
  return due;
}

import { getRequest, listRequests } from "#server/governance/index.ts";
import type { Actor } from "#server/identity/index.ts";
import type { Db } from "#server/platform/db.ts";
import { type MetricName, MetricName as Metrics, type MonitorConfig, Performance } from "./contract.ts";
import { windowLabel } from "./event-windows.ts";
import type { Baselines } from "./measure-performance.ts";

type Found = Partial<Record<MetricName, NonNullable<Baselines[MetricName]>>>;

/**
 * What a version's quality is held against: its figures on the hold-out of the promotion that made it champion; for a figure that the policy does not
 * ask for, its first window before `before` with enough outcomes.
 */
export async function baselinesOf(
  actor: Actor,
  db: Db,
  projectId: string,
  options: { monitorId: string; versionId: string; before: Date; config: MonitorConfig },
): Promise<Baselines> {
  const found: Found = await ofHoldout(actor, projectId, options.versionId);
  const first = await firstWindow(db, options);
  if (first)
    for (const metric of Metrics.options) {
      const figure = first.performance[metric];
      if (figure && !found[metric])
        found[metric] = {
          value: figure.value,
          source: "first_window",
          text: `first window, ${windowLabel(first.startsAt.getTime(), options.config.window)}`,
        };
    }
  return found;
}

async function ofHoldout(actor: Actor, projectId: string, versionId: string): Promise<Found> {
  const found: Found = {};
  const requests = await listRequests(actor, projectId, { versionId, state: "closed" });
  const promoted = requests.find((request) => request.status === "completed");
  if (!promoted) return found;
  const { checkResults } = await getRequest(actor, projectId, { number: promoted.number });
  for (const { evidence } of checkResults) {
    if (evidence.kind !== "holdout") continue;
    const metric = Metrics.safeParse(evidence.metric);
    if (!metric.success || found[metric.data]) continue;
    found[metric.data] = {
      value: evidence.challenger.value,
      source: "holdout",
      text: `hold-out of request ${promoted.number}, ${evidence.n.toLocaleString("en-GB")} rows`,
    };
  }
  return found;
}

async function firstWindow(
  db: Db,
  {
    monitorId,
    versionId,
    before,
    config,
  }: { monitorId: string; versionId: string; before: Date; config: MonitorConfig },
) {
  const windows = await db.monitorWindow.findMany({
    where: { monitorId, startsAt: { lt: before }, outcomes: { gte: config.min_rows } },
    orderBy: { startsAt: "asc" },
    select: { startsAt: true, performance: true, versions: true },
  });
  for (const window of windows) {
    const [main] = window.versions as { versionId?: string }[];
    if (main?.versionId !== versionId || window.performance === null) continue;
    return { startsAt: window.startsAt, performance: Performance.parse(window.performance) };
  }
  return null;
}

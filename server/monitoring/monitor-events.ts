import type { Db } from "#server/platform/db.ts";
import type { AlertDto, MonitorEvent, WindowDto } from "./contract.ts";

/**
 * What is drawn across a monitor's charts, on the axis of event time: alerts at the windows that opened them; promotions at the start of the first window
 * that a version answered most of, or at the moment they happened when that lies within the windows shown (live traffic).
 */
export async function monitorEvents(
  db: Db,
  endpointId: string,
  windows: readonly WindowDto[],
  alerts: readonly AlertDto[],
): Promise<MonitorEvent[]> {
  const [first, last] = [windows[0], windows.at(-1)];
  if (!first || !last) return [];
  const [from, to] = [Date.parse(first.startsAt), Date.parse(last.endsAt)];
  const within = (at: number) => at >= from && at < to;
  const events: MonitorEvent[] = [];
  const deployments = await db.endpointDeployment.findMany({ where: { endpointId }, orderBy: { startedAt: "asc" } });
  for (const deployment of deployments) {
    const answered = windows.find((window) => window.versions[0]?.versionId === deployment.versionId);
    const clock = deployment.startedAt.getTime();
    const at = within(clock) ? clock : answered ? Date.parse(answered.startsAt) : null;
    const label = `Version ${deployment.version} became champion`;
    if (at !== null && !events.some((event) => event.label === label)) events.push({ at, kind: "promotion", label });
  }
  for (const alert of alerts) {
    const at = Date.parse(alert.windows[0]?.startsAt ?? "");
    if (within(at)) events.push({ at, kind: "alert", label: `Alert ${alert.number}: ${alert.title}` });
  }
  return events.sort((a, b) => a.at - b.at);
}

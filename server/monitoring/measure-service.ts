import { latencyQuantile, mergeLatencies } from "#server/kernel/statistics/latency-histogram.ts";
import { quantiles } from "#server/kernel/statistics/quantiles.ts";
import type { Db } from "#server/platform/db.ts";
import type { TrafficWindow } from "#server/serving/contract.ts";
import type { ServiceFigures } from "./contract.ts";
import type { EventWindow } from "./event-windows.ts";

/** Requests, errors and latency of an endpoint by the clock within a window, and what scoring the window's own rows took. */
export async function measureService(
  db: Db,
  endpointId: string,
  { startsAt, endsAt }: EventWindow,
  window: TrafficWindow,
): Promise<ServiceFigures> {
  const minutes = await db.endpointMinute.findMany({
    // Callers do not wait for a shadow.
    where: { endpointId, arm: { not: "shadow" }, minute: { gte: new Date(startsAt), lt: new Date(endsAt) } },
    select: { requests: true, errors4xx: true, errors5xx: true, latency: true },
  });
  const sum = (key: "requests" | "errors4xx" | "errors5xx") =>
    minutes.reduce((total, minute) => total + minute[key], 0);
  const counts = mergeLatencies(minutes.map((minute) => minute.latency).filter((latency) => latency.length > 0));
  const ms = (us: number | null | undefined) => (us === null || us === undefined ? null : us / 1000);
  const [rowP50, rowP95] = window.rows === 0 ? [] : quantiles(window.latencyUs, [0.5, 0.95]);
  return {
    clock:
      minutes.length === 0
        ? null
        : {
            requests: sum("requests"),
            refused: sum("errors4xx"),
            failed: sum("errors5xx"),
            p50Ms: ms(latencyQuantile(counts, 0.5)),
            p95Ms: ms(latencyQuantile(counts, 0.95)),
          },
    rowP50Ms: ms(rowP50),
    rowP95Ms: ms(rowP95),
  };
}

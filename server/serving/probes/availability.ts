import type { Db } from "#server/platform/db.ts";
import {
  type Availability,
  AVAILABILITY_DAYS,
  type AvailabilityDay,
  type EndpointAvailability,
  type ProbeCounts,
} from "../contract.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** One probe in so many milliseconds. */
export const PROBE_MS = 30_000;

/** What the probes of one hour found. */
export interface ProbeHour {
  /** Milliseconds since 1970. */
  readonly hour: number;
  readonly ok: number;
  readonly slow: number;
  readonly failed: number;
  readonly excluded: number;
  readonly failure: { readonly at: number; readonly text: string } | null;
}

/**
 * Uptime of a window: of the probes that were made while the endpoint should have answered, the share that found it ready. Time that nobody probed counts as
 * unknown, neither up nor down, and is told beside it; so is the time in which it was stopped. `createdAt`: of the endpoint, before which nothing is missing.
 */
export function availabilityOf(hours: readonly ProbeHour[], createdAt: number, now: number): EndpointAvailability {
  const since = Math.max(createdAt, Math.floor((now - AVAILABILITY_DAYS * DAY_MS) / HOUR_MS) * HOUR_MS);
  const inside = hours.filter(({ hour }) => hour + HOUR_MS > since && hour <= now);
  const days: AvailabilityDay[] = [];
  for (let day = Math.floor(since / DAY_MS) * DAY_MS; day <= now; day += DAY_MS) {
    const mine = inside.filter(({ hour }) => hour >= day && hour < day + DAY_MS);
    const counts = countsOf(mine, Math.max(since, day), Math.min(now, day + DAY_MS));
    days.push({ day: new Date(day).toISOString().slice(0, 10), ...counts, uptime: uptimeOf(counts) });
  }
  const counts = countsOf(inside, since, now);
  const last = inside.flatMap(({ failure }) => failure ?? []).sort((a, b) => b.at - a.at)[0];
  return {
    since: new Date(since).toISOString(),
    ...counts,
    uptime: uptimeOf(counts),
    lastFailure: last ? { at: new Date(last.at).toISOString(), text: last.text } : null,
    days,
  };
}

function countsOf(hours: readonly ProbeHour[], from: number, to: number): ProbeCounts {
  const total = (pick: (hour: ProbeHour) => number) => hours.reduce((sum, hour) => sum + pick(hour), 0);
  const made = {
    ok: total((hour) => hour.ok),
    slow: total((hour) => hour.slow),
    failed: total((hour) => hour.failed),
    excluded: total((hour) => hour.excluded),
  };
  const due = Math.floor(Math.max(0, to - from) / PROBE_MS);
  return { ...made, unknown: Math.max(0, due - made.ok - made.slow - made.failed - made.excluded) };
}

function uptimeOf({ ok, slow, failed }: Omit<ProbeCounts, "excluded" | "unknown">): number | null {
  return ok + slow + failed === 0 ? null : (ok + slow) / (ok + slow + failed);
}

/** The availability of endpoints in the last 30 days, by id. */
export async function readAvailability(
  db: Db,
  endpoints: readonly { readonly id: string; readonly createdAt: Date }[],
  now: number = Date.now(),
): Promise<Map<string, EndpointAvailability>> {
  const rows = await db.endpointProbeHour.findMany({
    where: {
      endpointId: { in: endpoints.map(({ id }) => id) },
      hour: { gte: new Date(now - (AVAILABILITY_DAYS + 1) * DAY_MS) },
    },
  });
  const byEndpoint = Map.groupBy(rows, (row) => row.endpointId);
  return new Map(
    endpoints.map(({ id, createdAt }) => {
      const hours = (byEndpoint.get(id) ?? []).map(({ hour, ok, slow, failed, excluded, failedAt, failure }) => ({
        hour: hour.getTime(),
        ok,
        slow,
        failed,
        excluded,
        failure: failedAt ? { at: failedAt.getTime(), text: failure ?? "" } : null,
      }));
      return [id, availabilityOf(hours, createdAt.getTime(), now)];
    }),
  );
}

/** Without the days, for lists. */
export function summaryOfAvailability({ days: _, ...availability }: EndpointAvailability): Availability {
  return availability;
}

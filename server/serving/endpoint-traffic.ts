import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import type { Db } from "#server/platform/db.ts";
import { type ArmTraffic, type EndpointTraffic, ServedArm, TrafficSpan } from "./contract.ts";
import { findEndpoint } from "./find-endpoint.ts";
import { type CountedArm, readMinutes } from "./read-minutes.ts";
import { addCounts, emptyCounts, totalsOf, type TrafficCounts } from "./traffic-totals.ts";

const MINUTE_MS = 60_000;
const ORDER = ServedArm.options;
/** How far a span reaches back, and how long one step of it is. */
const SPANS: Record<TrafficSpan, { steps: number; stepMs: number }> = {
  hour: { steps: 60, stepMs: MINUTE_MS },
  day: { steps: 96, stepMs: 15 * MINUTE_MS },
  week: { steps: 84, stepMs: 120 * MINUTE_MS },
  month: { steps: 120, stepMs: 360 * MINUTE_MS },
};

/** Requests, errors and latencies of an endpoint in equal steps until now; steps without traffic are zero. */
export const getEndpointTraffic = defineUseCase({
  name: "serving.get-endpoint-traffic",
  scope: "serving:read",
  effect: "read",
  input: z.object({ name: z.string(), span: TrafficSpan.default("hour") }),
  async run({ input, project, db }): Promise<EndpointTraffic> {
    const endpoint = await findEndpoint(db, project.id, input.name);
    const { steps, stepMs } = SPANS[input.span];
    const to = (Math.floor(Date.now() / stepMs) + 1) * stepMs;
    const from = to - steps * stepMs;
    const points = Array.from({ length: steps }, emptyCounts);
    const byArm = new Map<string, { of: CountedArm; points: TrafficCounts[] }>();
    await readMinutes([endpoint.id], from, to, (_, minute, counts, of) => {
      const at = Math.floor((minute - from) / stepMs);
      const key = `${of.arm} ${of.versionId}`;
      let mine = byArm.get(key);
      if (!mine) byArm.set(key, (mine = { of, points: Array.from({ length: steps }, emptyCounts) }));
      for (const point of [mine.points[at], of.arm === "shadow" ? undefined : points[at]])
        if (point) addCounts(point, counts);
    });
    const total = emptyCounts();
    for (const point of points) addCounts(total, point);
    return {
      from,
      to,
      stepMs,
      total: totalsOf(total),
      points: points.map((point, i) => ({ at: from + i * stepMs, ...totalsOf(point) })),
      arms: await armsOf(db, project.id, [...byArm.values()], (i) => from + i * stepMs),
    };
  },
});

interface Counted {
  readonly of: CountedArm;
  readonly points: readonly TrafficCounts[];
}

/** The same by arm, in the order champion, canary, A/B, shadow, fallback, and within it the newest version first. */
async function armsOf(
  db: Db,
  projectId: string,
  counted: readonly Counted[],
  at: (step: number) => number,
): Promise<ArmTraffic[]> {
  const versions = await db.modelVersion.findMany({
    where: { projectId, id: { in: counted.map(({ of }) => of.versionId) } },
    select: { id: true, version: true },
  });
  const numbers = new Map(versions.map((version) => [version.id, version.version]));
  return counted
    .map(({ of, points }): ArmTraffic => {
      const total = emptyCounts();
      for (const point of points) addCounts(total, point);
      const { executions, skipped } = total;
      return {
        arm: of.arm,
        versionId: of.versionId,
        version: numbers.get(of.versionId) ?? null,
        total: { ...totalsOf(total), executions, skipped },
        points: points.map((point, i) => ({
          at: at(i),
          ...totalsOf(point),
          executions: point.executions,
          skipped: point.skipped,
        })),
      };
    })
    .sort((a, b) => ORDER.indexOf(a.arm) - ORDER.indexOf(b.arm) || (b.version ?? 0) - (a.version ?? 0));
}

import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { type EndpointTraffic, TrafficSpan } from "./contract.ts";
import { findEndpoint } from "./find-endpoint.ts";
import { readMinutes } from "./read-minutes.ts";
import { addCounts, emptyCounts, totalsOf } from "./traffic-totals.ts";

const MINUTE_MS = 60_000;
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
    await readMinutes([endpoint.id], from, to, (_, minute, counts) => {
      const point = points[Math.floor((minute - from) / stepMs)];
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
    };
  },
});

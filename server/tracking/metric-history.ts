import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { cutPage, offsetOf } from "#server/kernel/offset-token.ts";
import { LIMITS, type MetricSeriesDto, type MetricValueDto } from "./contract.ts";
import { runById } from "./run.ts";
import { sampleMetrics } from "./sample-metrics.ts";

/** Every value of one metric in the order it was logged, in pages; without `maxResults` all at once. Errors: not_found. */
export const getMetricHistory = defineUseCase({
  name: "tracking.get-metric-history",
  scope: "tracking:read",
  effect: "read",
  input: z.object({
    runId: z.string(),
    key: z.string(),
    maxResults: z.number().int().min(1).optional(),
    pageToken: z.string().optional(),
  }),
  async run({ input, project, db }): Promise<{ metrics: MetricValueDto[]; nextPageToken: string | null }> {
    await runById(db, project.id, input.runId);
    const offset = offsetOf(input.pageToken);
    const size = input.maxResults ?? Number.MAX_SAFE_INTEGER - 1;
    const rows = await db.$queryRaw<{ value: number; isNan: boolean; timestamp: number; step: number }[]>`
      select value, is_nan as "isNan", timestamp::float8 as timestamp, step::float8 as step from metrics
      where run_id = ${input.runId} and key = ${input.key}
      order by metrics.timestamp, metrics.step, value limit ${size + 1} offset ${offset}`;
    const { page, next } = cutPage(rows, offset, size);
    const metrics = page.map(({ isNan, value, ...at }) => ({ key: input.key, value: isNan ? null : value, ...at }));
    return { metrics, nextPageToken: next };
  },
});

/**
 * Some metrics of some runs, each thinned out to at most `points`: the first, the last and the least and greatest of every stretch are kept, so a
 * spike stays visible. Errors: not_found for a run that is not the project's; invalid_input when too much is asked for.
 */
export const sampleMetricHistory = defineUseCase({
  name: "tracking.sample-metric-history",
  scope: "tracking:read",
  effect: "read",
  input: z.object({
    runIds: z.array(z.string()).min(1).max(LIMITS.runsPerSample),
    /** Without it, all metrics of the runs. */
    keys: z.array(z.string()).optional(),
    points: z.coerce.number().int().min(1).max(LIMITS.pointsPerSample).default(400),
    steps: z.object({ from: z.number().int(), to: z.number().int() }).optional(),
  }),
  async run({ input, project, db }): Promise<MetricSeriesDto[]> {
    const known = await db.run.findMany({
      where: { projectId: project.id, id: { in: input.runIds } },
      select: { id: true },
    });
    const missing = input.runIds.find((id) => !known.some((run) => run.id === id));
    if (missing !== undefined)
      throw new AppError("not_found", `Run with id=${missing} not found`, { field: "run_id", value: missing });
    return await sampleMetrics(db, input);
  },
});

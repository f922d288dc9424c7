import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { LIMITS, type PairedSeriesDto } from "./contract.ts";
import { readParts, readSeries, type Series, sizeOf, untouched } from "./metric-series.ts";
import { pairPoints, pairsWithin, thinnedPairs } from "./paired-points.ts";
import { joinPoints, type Points } from "./points.ts";

/** Pairing needs every point, not summaries: how many one request reads at most. Beyond, a page would wait for seconds. */
const MOST_POINTS = 4_000_000;

const countOf = (series: Series | undefined): number => series?.parts.reduce((sum, part) => sum + sizeOf(part), 0) ?? 0;

async function pointsOf(series: Series | undefined): Promise<Points> {
  return joinPoints(series ? await readParts(series.parts) : []);
}

/**
 * A metric of some runs over another metric of the same runs: values that were logged at the same step are paired, all of them, and only the pairs are
 * thinned out, in the order of x, with the extremes of every stretch kept. Errors: not_found for a run that is not the project's; invalid_input when
 * the two histories are too long together.
 */
export const pairMetrics = defineUseCase({
  name: "tracking.pair-metrics",
  scope: "tracking:read",
  effect: "read",
  input: z.object({
    runIds: z.array(z.string()).min(1).max(LIMITS.runsPerComparison),
    key: z.string().min(1),
    /** The metric that gives the places. */
    by: z.string().min(1),
    points: z.coerce.number().int().min(4).max(LIMITS.pointsPerSample).default(400),
    /** Only pairs within these values of `by`, ends included. */
    x: z.object({ from: z.number(), to: z.number() }).optional(),
  }),
  async run({ input, project, db }): Promise<PairedSeriesDto[]> {
    const { key, by, x } = input;
    const runIds = [...new Set(input.runIds)];
    const known = await db.run.findMany({ where: { projectId: project.id, id: { in: runIds } }, select: { id: true } });
    const missing = runIds.find((id) => !known.some((run) => run.id === id));
    if (missing !== undefined)
      throw new AppError("not_found", `Run with id=${missing} not found`, { field: "runIds", value: missing });
    return await untouched(async () => {
      const all = await readSeries(runIds, [...new Set([key, by])]);
      const total = all.reduce((sum, series) => sum + countOf(series), 0);
      if (total > MOST_POINTS)
        throw new AppError("invalid_input", `${total} values are too many to be paired at once.`, {
          field: "runIds",
          value: runIds.length,
          remedy: `Compare fewer runs: both metrics together may have ${MOST_POINTS} values.`,
        });
      const result: PairedSeriesDto[] = [];
      // One run after the other, so that the points of a single run are in memory at a time.
      for (const runId of runIds) {
        const of = (name: string) => all.find((series) => series.runId === runId && series.key === name);
        if (countOf(of(key)) === 0) continue;
        const ys = await pointsOf(of(key));
        const pairs = pairPoints(by === key ? ys : await pointsOf(of(by)), ys);
        const wanted = x === undefined ? pairs.points : pairsWithin(pairs.points, x.from, x.to);
        result.push({
          runId,
          key,
          by,
          total: wanted.length,
          alone: pairs.alone,
          aloneOfX: pairs.aloneOfX,
          unplaced: pairs.unplaced,
          points: thinnedPairs(wanted, input.points).map((point) => ({
            x: point.x,
            value: Number.isNaN(point.value) ? null : point.value,
            step: point.step,
            timestamp: point.time,
          })),
        });
      }
      return result;
    });
  },
});

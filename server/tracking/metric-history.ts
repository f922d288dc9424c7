import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { offsetOf, offsetToken } from "#server/kernel/offset-token.ts";
import type { Db } from "#server/platform/db.ts";
import { LIMITS, type MetricSeriesDto, type MetricValueDto, type PackedSeriesDto } from "./contract.ts";
import { stampOfHistories } from "./history-stamp.ts";
import { type Part, readParts, readSeries, sizeOf, untouched } from "./metric-series.ts";
import {
  compareByTime,
  emptyPoints,
  encodePoints,
  isTimely,
  joinPoints,
  pointAt,
  type Points,
  slicePoints,
} from "./points.ts";
import { runExists } from "./run.ts";
import { sampleMetrics } from "./sample-metrics.ts";

const ends = (part: Part) =>
  "chunk" in part
    ? { timely: part.chunk.timely, first: part.chunk.first.time, last: part.chunk.last.time }
    : {
        timely: isTimely(part.points),
        first: part.points.times[0] ?? 0,
        last: part.points.times.at(-1) ?? 0,
      };

/** Whether time never runs back along the steps: then the stored order is the order of time. */
function inTime(parts: readonly Part[]): boolean {
  let before = -Infinity;
  for (const part of parts) {
    const { timely, first, last } = ends(part);
    if (!timely || first < before) return false;
    before = last;
  }
  return true;
}

/** The points from `from` up to `to` of parts in their order, of which only those needed are read. */
async function slice(parts: readonly Part[], from: number, to: number): Promise<Points> {
  const needed: { part: Part; from: number; to: number }[] = [];
  let at = 0;
  for (const part of parts) {
    const size = sizeOf(part);
    if (at < to && at + size > from) needed.push({ part, from: Math.max(0, from - at), to: Math.min(size, to - at) });
    at += size;
  }
  const read = await readParts(needed.map(({ part }) => part));
  return joinPoints(read.map((points, i) => slicePoints(points, needed[i]?.from ?? 0, needed[i]?.to ?? 0)));
}

/** The points of one metric from `from` up to `to`, in the order of time, then step, then value. */
async function byTime(
  runId: string,
  key: string,
  from: number,
  to: number,
): Promise<{ points: Points; total: number }> {
  const [series] = await readSeries([runId], [key]);
  if (!series) return { points: emptyPoints(0), total: 0 };
  const total = series.parts.reduce((sum, part) => sum + sizeOf(part), 0);
  if (inTime(series.parts)) return { points: await slice(series.parts, from, Math.min(to, total)), total };
  const all = joinPoints(await readParts(series.parts));
  const page = Array.from(all.steps, (_, i) => pointAt(all, i))
    .sort(compareByTime)
    .slice(from, to);
  const points = emptyPoints(page.length);
  page.forEach(({ step, time, value }, i) => {
    points.steps[i] = step;
    points.times[i] = time;
    points.values[i] = value;
  });
  return { points, total };
}

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
    await runExists(db, project.id, input.runId);
    const { runId, key } = input;
    const from = offsetOf(input.pageToken);
    const to = from + (input.maxResults ?? Number.MAX_SAFE_INTEGER / 2);
    const { points, total } = await untouched(() => byTime(runId, key, from, to));
    const metrics = Array.from(points.steps, (step, i): MetricValueDto => {
      const value = points.values[i] ?? 0;
      return { key, value: Number.isNaN(value) ? null : value, timestamp: points.times[i] ?? 0, step };
    });
    return { metrics, nextPageToken: to < total ? offsetToken(to) : null };
  },
});

/** NaN has no JSON. */
const numberOrNull = (value: number | undefined): number | null =>
  value === undefined || Number.isNaN(value) ? null : value;

const SampleInput = z.object({
  runIds: z.array(z.string()).min(1).max(LIMITS.runsPerComparison),
  /** Without it, all metrics of the runs. */
  keys: z.array(z.string()).optional(),
  points: z.coerce.number().int().min(1).max(LIMITS.pointsPerSample).default(400),
  steps: z.object({ from: z.number().int(), to: z.number().int() }).optional(),
});

async function demandRuns(db: Db, projectId: string, runIds: readonly string[]): Promise<void> {
  const known = await db.run.findMany({ where: { projectId, id: { in: [...runIds] } }, select: { id: true } });
  const ids = new Set(known.map((run) => run.id));
  const missing = runIds.find((id) => !ids.has(id));
  if (missing !== undefined)
    throw new AppError("not_found", `Run with id=${missing} not found`, { field: "run_id", value: missing });
}

/**
 * Some metrics of some runs, each thinned out to at most `points`: the first, the last and the least and greatest of every stretch are kept, so a
 * spike stays visible. Errors: not_found for a run that is not the project's; invalid_input when too much is asked for.
 */
export const sampleMetricHistory = defineUseCase({
  name: "tracking.sample-metric-history",
  scope: "tracking:read",
  effect: "read",
  input: SampleInput,
  async run({ input, project, db }): Promise<MetricSeriesDto[]> {
    await demandRuns(db, project.id, input.runIds);
    const all = await sampleMetrics(input);
    return all.map(({ points: { steps, times, values }, ...series }) => ({
      ...series,
      points: Array.from(steps, (step, i) => ({ value: numberOrNull(values[i]), step, timestamp: times[i] ?? 0 })),
    }));
  },
});

/** Histories as a page draws them. */
export interface DrawnHistories {
  /** Names the state that was read; null where none was asked for. */
  readonly stamp: string | null;
  /** null when the caller knows this state already. */
  readonly series: PackedSeriesDto[] | null;
}

/**
 * The same for a page, which may know it already: `known` is what names the states that it has, as an If-None-Match, and null for none; without it no
 * state is named. Errors: as sampleMetricHistory.
 */
export const drawMetricHistory = defineUseCase({
  name: "tracking.draw-metric-history",
  scope: "tracking:read",
  effect: "read",
  input: SampleInput.extend({ known: z.string().nullable().optional() }),
  async run({ input: { known, ...input }, project, db }): Promise<DrawnHistories> {
    await demandRuns(db, project.id, input.runIds);
    const stamp = known === undefined ? null : await stampOfHistories(input.runIds, input.keys ?? null);
    if (stamp !== null && known?.includes(`"${stamp}"`)) return { stamp, series: null };
    const all = await sampleMetrics(input);
    const series = all.map(({ points, ...one }) => ({ ...one, packed: encodePoints(points).toString("base64") }));
    return { stamp, series };
  },
});

import { type Part, readParts, readSeries, type Series, sizeOf, untouched } from "./metric-series.ts";
import {
  emptyPoints,
  type Point,
  pointAt,
  type Points,
  singly,
  slicePoints,
  joinPoints,
  stretchesOf,
  type Stretches,
} from "./points.ts";
import { type Known, piecesOf, thinPoints, thinStretches } from "./thin-history.ts";

/** How many points one request reads one by one at most; beyond, long histories are drawn from the summaries of their chunks. */
const READ_WHOLE = 2_000_000;

interface Steps {
  readonly from: number;
  readonly to: number;
}

/** A history as far as it is to be drawn. */
export interface SampledSeries {
  readonly runId: string;
  readonly key: string;
  /** How many points it has. */
  readonly total: number;
  readonly points: Points;
}

interface Plan {
  readonly series: Series;
  readonly total: number;
  /** Whether the summaries alone cannot say enough, so that all points are read. */
  readonly whole: boolean;
}

/** The parts of a history that lie in a range of steps; those at its edges reach beyond it. */
function partsWithin(parts: readonly Part[], steps: Steps | undefined): readonly Part[] {
  if (!steps) return parts;
  return parts.filter((part) => {
    const { first, last } = endsOf(part);
    return last.step >= steps.from && first.step <= steps.to;
  });
}

function endsOf(part: Part): { first: Point; last: Point } {
  if ("chunk" in part) return part.chunk;
  return { first: pointAt(part.points, 0), last: pointAt(part.points, part.points.steps.length - 1) };
}

/** Points whose step is in the range. Points are ordered by step. */
function pointsWithin(points: Points, steps: Steps | undefined): Points {
  if (!steps) return points;
  const from = points.steps.findIndex((step) => step >= steps.from);
  if (from < 0) return emptyPoints(0);
  const beyond = points.steps.findIndex((step) => step > steps.to);
  return slicePoints(points, from, Math.max(from, beyond < 0 ? points.steps.length : beyond));
}

/** Chunks at the edges of the range are read; those inside are known by their blocks. */
async function knownFromBlocks(parts: readonly Part[], steps: Steps | undefined): Promise<Known | null> {
  const inside = (part: Part) => {
    const { first, last } = endsOf(part);
    return !steps || (first.step >= steps.from && last.step <= steps.to);
  };
  const edges = parts.filter((part) => "points" in part || !inside(part));
  const read = new Map((await readParts(edges)).map((points, i) => [edges[i], pointsWithin(points, steps)]));
  const stretches: Stretches[] = [];
  let first: Point | undefined;
  let last: Point | undefined;
  for (const part of parts) {
    const points = read.get(part);
    if (points) {
      if (points.steps.length === 0) continue;
      stretches.push(singly(points));
      first ??= pointAt(points, 0);
      last = pointAt(points, points.steps.length - 1);
    } else if ("chunk" in part) {
      stretches.push(stretchesOf(part.chunk.blocks, part.chunk.count));
      first ??= part.chunk.first;
      last = part.chunk.last;
    }
  }
  if (!first || !last) return null;
  return { total: stretches.reduce((sum, { count }) => sum + count, 0), stretches, first, last };
}

const blocksOf = (part: Part): number => ("chunk" in part ? part.chunk.blocks.length / 6 : sizeOf(part));

function planned(series: readonly Series[], points: number, steps: Steps | undefined): Plan[] {
  const pieces = piecesOf(points);
  let budget = READ_WHOLE;
  const plans = series.map((one) => {
    const parts = partsWithin(one.parts, steps);
    const total = parts.reduce((sum, part) => sum + sizeOf(part), 0);
    const blocks = parts.reduce((sum, part) => sum + blocksOf(part), 0);
    return { series: { ...one, parts }, total, blocks };
  });
  // The shortest first: a history that fits comes whole.
  const order = plans.toSorted((a, b) => a.total - b.total);
  const whole = new Set<object>();
  for (const plan of order) {
    const coarse = plan.total <= points || plan.blocks * 2 < pieces;
    if (!coarse || (plan.total > points && plan.total > budget)) continue;
    whole.add(plan);
    budget -= plan.total;
  }
  return plans.map((plan) => ({ series: plan.series, total: plan.total, whole: whole.has(plan) }));
}

async function sampledOnce(
  runIds: readonly string[],
  keys: readonly string[] | null,
  points: number,
  steps: Steps | undefined,
): Promise<SampledSeries[]> {
  const plans = planned(await readSeries(runIds, keys), points, steps);
  const wholes = plans.filter((plan) => plan.whole);
  const read = await readParts(wholes.flatMap(({ series }) => series.parts));
  const result: SampledSeries[] = [];
  const add = ({ runId, key }: Series, total: number, kept: Points) => result.push({ runId, key, total, points: kept });
  let at = 0;
  for (const { series, whole } of plans) {
    if (whole) {
      const all = pointsWithin(joinPoints(read.slice(at, at + series.parts.length)), steps);
      at += series.parts.length;
      if (all.steps.length > 0) add(series, all.steps.length, thinPoints(all, points));
    } else {
      const known = await knownFromBlocks(series.parts, steps);
      if (known) add(series, known.total, thinStretches(known, points));
    }
  }
  return result.sort((a, b) => (a.runId === b.runId ? (a.key < b.key ? -1 : 1) : a.runId < b.runId ? -1 : 1));
}

/**
 * At most `points` values per run and metric. The history is cut into stretches of about equal length and of each the least and the greatest value stay,
 * with the first and the last of all; NaN stays only where a stretch has nothing else. A history that fits comes whole. Of long histories only the
 * summaries of their chunks are read, which name the extremes of every 64 points: no spike is lost, and a million points are some hundred kilobytes.
 */
export async function sampleMetrics(options: {
  readonly runIds: readonly string[];
  readonly keys?: readonly string[] | undefined;
  readonly points: number;
  readonly steps?: Steps | undefined;
}): Promise<SampledSeries[]> {
  const { runIds, keys, points, steps } = options;
  return await untouched(() => sampledOnce(runIds, keys ?? null, points, steps));
}

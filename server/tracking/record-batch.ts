import { AppError } from "#server/kernel/errors.ts";
import { pool } from "#server/platform/db.ts";
import { log } from "#server/platform/log.ts";
import type { CheckedBatch, StoredMetric } from "./batch.ts";
import { chunkOf, compactRun, type NewChunk } from "./compact-metrics.ts";
import {
  comparePoints,
  emptyPoints,
  encodePoints,
  joinPoints,
  mergePoints,
  type Point,
  type Points,
} from "./points.ts";
import { checkActiveRun, runNotFound } from "./run.ts";

/** So many points of one metric in one batch become a chunk at once. */
const CHUNK_AT_ONCE = 512;
/** Loose batches, and points in them, that a process lets gather in a run before it compacts. */
const LOOSE_BATCHES = 64;
const LOOSE_POINTS = 8192;
/** How many runs' counts are remembered. */
const REMEMBERED = 10_000;

const loose = new Map<string, { batches: number; points: number }>();

/** Counts a batch; whether the run has enough loose ones to be compacted now. */
function isFull(runId: string, points: number): boolean {
  const count = loose.get(runId) ?? { batches: 0, points: 0 };
  count.batches += 1;
  count.points += points;
  const full = count.batches >= LOOSE_BATCHES || count.points >= LOOSE_POINTS;
  loose.delete(runId);
  if (!full) loose.set(runId, count);
  // Whoever is forgotten is compacted later, or when the run ends.
  for (const id of loose.keys()) {
    if (loose.size <= REMEMBERED) break;
    loose.delete(id);
  }
  return full;
}

interface Grouped {
  readonly key: string;
  readonly points: Points;
  readonly latest: Point;
}

/** The metrics of a batch by key, the keys in order: two batches of one run must touch the latest values in the same order. */
function grouped(metrics: readonly StoredMetric[]): Grouped[] {
  const byKey = new Map<string, StoredMetric[]>();
  for (const metric of metrics) {
    const same = byKey.get(metric.key);
    if (same) same.push(metric);
    else byKey.set(metric.key, [metric]);
  }
  const keys = [...byKey.keys()].sort((a, b) => (a < b ? -1 : 1));
  return keys.map((key) => {
    const same = byKey.get(key) ?? [];
    const points = emptyPoints(same.length);
    let latest: Point | undefined;
    same.forEach(({ step, timestamp, value, isNan }, i) => {
      const point: Point = { step, time: timestamp, value: isNan ? NaN : value };
      points.steps[i] = step;
      points.times[i] = timestamp;
      points.values[i] = point.value;
      if (!latest || comparePoints(point, latest) > 0) latest = point;
    });
    return { key, points, latest: latest ?? { step: 0, time: 0, value: 0 } };
  });
}

const RECORD = `select record_batch($1::uuid, $2, $3::text[], $4::bigint[], $5::bigint[], $6::float8[], $7::boolean[], $8::int[], $9::bytea,
  $10::int, $11, $12::float8[], $13::float8[], $14::boolean, $15::bytea, $16::bytea,
  $17::text[], $18::text[], $19::text[], $20::text[], $21::jsonb, $22) as "overlaps"`;

/** What speaks of logged models, as JSON; null when nothing does. */
function spokenOf(metrics: readonly StoredMetric[]): string | null {
  const spoken = metrics.filter((metric) => metric.modelId !== null);
  return spoken.length === 0 ? null : JSON.stringify(spoken);
}

/** The places of a chunk in the statement; all null without one. */
const chunkValues = (chunk: NewChunk | null): unknown[] =>
  chunk
    ? [
        chunk.count,
        chunk.key,
        [chunk.first.step, chunk.first.time, chunk.first.value],
        [chunk.last.step, chunk.last.time, chunk.last.value],
        chunk.timely,
        chunk.blocks,
        chunk.points,
      ]
    : [null, null, null, null, null, null, null];

interface Conflict {
  readonly key: string;
  readonly old: string;
  readonly new: string;
}

function changedParam(runId: string, changed: readonly Conflict[], single: boolean): AppError {
  const [first] = changed;
  return new AppError(
    "invalid_input",
    single
      ? `Changing param values is not allowed. Param with key='${first?.key}' was already logged with value='${first?.old}' for run ID='${runId}'. Attempted logging new value '${first?.new}'.`
      : `Changing param values is not allowed. Params were already logged='[${changed
          .map((p) => `{'key': '${p.key}', 'old_value': '${p.old}', 'new_value': '${p.new}'}`)
          .join(", ")}]' for run ID='${runId}'.`,
    {
      field: `params.${first?.key}`,
      value: first?.new,
      remedy: "Log the other value in a run of its own, for instance a nested one.",
    },
  );
}

/** What the database function refused with, in the words that clients know. */
function refusal(error: unknown, runId: string, single: boolean): unknown {
  const { code, detail = "" } = error as { code?: string; detail?: string };
  switch (code) {
    case "TS404":
      return runNotFound(runId);
    case "TS409": {
      try {
        checkActiveRun({ id: runId, lifecycleStage: detail });
      } catch (refused) {
        return refused;
      }
      return error;
    }
    case "TS400":
      return changedParam(runId, JSON.parse(detail) as Conflict[], single);
    case "TS405":
      return new AppError("not_found", `Logged model with ID '${detail}' not found.`, {
        field: "model_id",
        value: detail,
      });
    default:
      return error;
  }
}

/** Compacts a run. What was logged is stored anyway, so a compaction that fails is left to the next. */
export async function tidyRun(runId: string, dirty?: ReadonlyMap<string, Points>): Promise<void> {
  loose.delete(runId);
  await compactRun(runId, dirty).catch((error: unknown) => log.warn({ err: error, runId }, "a run was not compacted"));
}

/**
 * Stores a batch in one statement, which is one transaction: one round trip, all or nothing. `notice` is what listeners are told at commit, if anything.
 * Every few batches the run is compacted before this returns, in a transaction of its own.
 * Errors: not_found for the run or a model; invalid_input for a deleted run and for a parameter that would change.
 */
export async function recordBatch(options: {
  readonly projectId: string;
  readonly runId: string;
  readonly batch: CheckedBatch;
  readonly single: boolean;
  readonly notice: string | null;
}): Promise<void> {
  const { projectId, runId, batch, single, notice } = options;
  const groups = grouped(batch.metrics);
  const large = groups.find(({ points }) => points.steps.length >= CHUNK_AT_ONCE);
  const ordered = large ? mergePoints([large.points]) : null;
  const chunk = large && ordered ? chunkOf(large.key, ordered) : null;
  const rest = groups.filter((group) => group !== large);
  const counts = groups.map((group) => (group === large ? 0 : group.points.steps.length));
  let overlaps: boolean | undefined;
  try {
    const { rows } = await pool().query<{ overlaps: boolean }>({
      name: "record-batch",
      text: RECORD,
      values: [
        projectId,
        runId,
        groups.map(({ key }) => key),
        groups.map(({ latest }) => String(latest.step)),
        groups.map(({ latest }) => String(latest.time)),
        groups.map(({ latest }) => (Number.isNaN(latest.value) ? 0 : latest.value)),
        groups.map(({ latest }) => Number.isNaN(latest.value)),
        counts,
        rest.length > 0 ? encodePoints(joinPoints(rest.map(({ points }) => points))) : null,
        ...chunkValues(chunk),
        batch.params.map(({ key }) => key),
        batch.params.map(({ value }) => value),
        batch.tags.map(({ key }) => key),
        batch.tags.map(({ value }) => value),
        spokenOf(batch.metrics),
        notice,
      ],
    });
    overlaps = rows[0]?.overlaps;
  } catch (error) {
    throw refusal(error, runId, single);
  }
  const dirty = overlaps && large && ordered ? new Map([[large.key, ordered]]) : undefined;
  const full =
    rest.length > 0 &&
    isFull(
      runId,
      counts.reduce((sum, count) => sum + count, 0),
    );
  if (full || dirty) await tidyRun(runId, dirty);
}

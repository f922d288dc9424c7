import type pg from "pg";
import { transaction } from "#server/platform/db.ts";
import { cutLoose, overlapping, splitBatch } from "./metric-series.ts";
import {
  CHUNK,
  comparePoints,
  decodePoints,
  encodeBlocks,
  encodePoints,
  isTimely,
  mergePoints,
  type Point,
  pointAt,
  type Points,
  slicePoints,
} from "./points.ts";

/** How many batches one compaction takes, and how many stored points it rewrites per metric at most. What is more waits; readers see all of it anyway. */
const BATCHES = 512;
const REWRITTEN = 64 * CHUNK;

interface Head {
  readonly id: string;
  readonly key: string;
  readonly count: number;
  readonly first: Point;
  readonly last: Point;
}

/** A chunk as `record_batch` and the table take it. */
export interface NewChunk {
  readonly key: string;
  readonly count: number;
  readonly first: Point;
  readonly last: Point;
  readonly timely: boolean;
  readonly blocks: Buffer;
  readonly points: Buffer;
}

/** One chunk of points that are in order, each once. */
export function chunkOf(key: string, points: Points): NewChunk {
  const count = points.steps.length;
  return {
    key,
    count,
    first: pointAt(points, 0),
    last: pointAt(points, count - 1),
    timely: isTimely(points),
    blocks: encodeBlocks(points),
    points: encodePoints(points),
  };
}

/** Takes the run's batches for this transaction; those that another compaction holds are its own business. */
async function takeBatches(client: pg.PoolClient, runId: string): Promise<Map<string, Points[]>> {
  const { rows } = await client.query<{ keys: string; points: Uint8Array }>({
    name: "take-batches",
    text: `delete from metric_batches where id in (
         select id from metric_batches where run_id = $1 order by id limit ${BATCHES} for update skip locked
       ) returning json_build_object('keys', keys, 'counts', counts)::text as keys, points`,
    values: [runId],
  });
  const taken = new Map<string, Points[]>();
  for (const row of rows) {
    const { keys, counts } = JSON.parse(row.keys) as { keys: string[]; counts: number[] };
    for (const [key, points] of splitBatch(keys, counts, row.points)) {
      const parts = taken.get(key);
      if (parts) parts.push(points);
      else taken.set(key, [points]);
    }
  }
  return taken;
}

/**
 * Of each key the chunks that new points may have to be merged with: those that end behind the first of them, and the last one before. Chunks that
 * another compaction holds are left to it.
 */
async function headsAround(
  client: pg.PoolClient,
  runId: string,
  keys: readonly string[],
  fromSteps: readonly number[],
): Promise<Head[]> {
  const { rows } = await client.query<{
    id: string;
    key: string;
    count: number;
    fs: number;
    ft: number;
    fv: number;
    ls: number;
    lt: number;
    lv: number;
  }>({
    name: "chunks-around",
    text: `select c.id::text, c.key, c.count, c.first_step as fs, c.first_time as ft, c.first_value as fv,
         c.last_step as ls, c.last_time as lt, c.last_value as lv
       from unnest($2::text[], $3::float8[]) as n(key, step)
       cross join lateral (
         select * from (
           select * from metric_chunks where run_id = $1 and key = n.key and last_step >= n.step for update skip locked
         ) as reaching
         union all
         select * from (
           select * from metric_chunks where run_id = $1 and key = n.key and last_step < n.step
           order by last_step desc limit 8 for update skip locked
         ) as before
       ) as c`,
    values: [runId, keys, fromSteps],
  });
  return rows.map((row) => ({
    id: row.id,
    key: row.key,
    count: row.count,
    first: { step: row.fs, time: row.ft, value: row.fv },
    last: { step: row.ls, time: row.lt, value: row.lv },
  }));
}

/** What becomes new chunks: stored chunks that go, and points that come. */
interface Rewriting {
  readonly key: string;
  readonly old: Head[];
  readonly fresh: Points[];
}

/**
 * What is rewritten of one metric: new points together with the chunks that they overlap with, and, going back, with small neighbours as long as those are
 * no larger than what is rewritten anyway, so that each point is rewritten a logarithmic number of times. `dirty` is a range whose chunks may overlap.
 * Beyond REWRITTEN points the new ones become chunks of their own beside the old.
 */
function rewritings(key: string, heads: readonly Head[], fresh: Points, dirty: Points | undefined): Rewriting[] {
  const sorted = heads.toSorted((a, b) => comparePoints(a.first, b.first));
  const ends = (points: Points) => ({ first: pointAt(points, 0), last: pointAt(points, points.steps.length - 1) });
  interface Piece {
    readonly first: Point;
    readonly last: Point;
    readonly head?: Head;
    readonly points?: Points;
  }
  const pieces: Piece[] = sorted.map((head) => ({ first: head.first, last: head.last, head }));
  if (fresh.steps.length > 0) pieces.push(...cutLoose(fresh, sorted));
  if (dirty) pieces.push(ends(dirty));
  const size = (group: readonly Piece[]) =>
    group.reduce((sum, { head, points }) => sum + (head?.count ?? points?.steps.length ?? 0), 0);
  const found: Rewriting[] = [];
  let budget = REWRITTEN;
  let passed: Piece[][] = [];
  for (const group of overlapping(pieces)) {
    if (group.every(({ head }) => head)) {
      passed.push(group);
      continue;
    }
    let total = size(group);
    const points = group.flatMap((piece) => piece.points ?? []);
    if (total > budget) {
      found.push(...points.map((each) => ({ key, old: [], fresh: [each] })));
      passed = [];
      continue;
    }
    const taken = [...group];
    for (let before = passed.pop(); before; before = passed.pop()) {
      const count = size(before);
      if (count > total || count >= CHUNK) break;
      taken.push(...before);
      total += count;
    }
    passed = [];
    budget -= total;
    found.push({ key, old: taken.flatMap(({ head }) => head ?? []), fresh: points });
  }
  return found;
}

async function bodies(client: pg.PoolClient, ids: readonly string[]): Promise<ReadonlyMap<string, Points>> {
  if (ids.length === 0) return new Map();
  const { rows } = await client.query<{ id: string; points: Uint8Array }>({
    name: "take-chunks",
    text: "delete from metric_chunks where id = any($1::bigint[]) returning id::text, points",
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, decodePoints(row.points)]));
}

async function insertChunks(client: pg.PoolClient, runId: string, chunks: readonly NewChunk[]): Promise<void> {
  if (chunks.length === 0) return;
  const column = (of: (chunk: NewChunk) => number) => chunks.map((chunk) => String(of(chunk)));
  await client.query({
    name: "insert-chunks",
    text: `insert into metric_chunks
        (run_id, key, count, first_step, first_time, first_value, last_step, last_time, last_value, timely, blocks, points)
      select $1, * from unnest($2::text[], $3::int[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::float8[], $9::float8[],
        $10::boolean[], $11::bytea[], $12::bytea[])`,
    values: [
      runId,
      chunks.map((chunk) => chunk.key),
      column((chunk) => chunk.count),
      column((chunk) => chunk.first.step),
      column((chunk) => chunk.first.time),
      column((chunk) => chunk.first.value),
      column((chunk) => chunk.last.step),
      column((chunk) => chunk.last.time),
      column((chunk) => chunk.last.value),
      chunks.map((chunk) => chunk.timely),
      chunks.map((chunk) => chunk.blocks),
      chunks.map((chunk) => chunk.points),
    ],
  });
}

/** The chunks that take the place of what is rewritten. */
function made({ key, old, fresh }: Rewriting, stored: ReadonlyMap<string, Points>): NewChunk[] {
  const parts = old.toSorted((a, b) => comparePoints(a.first, b.first)).flatMap(({ id }) => stored.get(id) ?? []);
  const all = mergePoints([...parts, ...fresh]);
  const chunks: NewChunk[] = [];
  for (let from = 0; from < all.steps.length; from += CHUNK)
    chunks.push(chunkOf(key, slicePoints(all, from, Math.min(all.steps.length, from + CHUNK))));
  return chunks;
}

/**
 * Moves the loose batches of a run into chunks, each metric in order and each point once, and rewrites chunks of the `dirty` metrics that overlap.
 * Writers are never blocked: it locks only what it moves. Two at once share the work.
 */
export async function compactRun(runId: string, dirty: ReadonlyMap<string, Points> = new Map()): Promise<void> {
  await transaction(async (client) => {
    const taken = await takeBatches(client, runId);
    const keys = [...new Set([...taken.keys(), ...dirty.keys()])];
    if (keys.length === 0) return;
    const fresh = keys.map((key) => mergePoints(taken.get(key) ?? []));
    const firstSteps = keys.map((key, i) =>
      Math.min(fresh[i]?.steps[0] ?? Number.MAX_VALUE, dirty.get(key)?.steps[0] ?? Number.MAX_VALUE),
    );
    const heads = Map.groupBy(await headsAround(client, runId, keys, firstSteps), (head) => head.key);
    const plan = keys.flatMap((key, i) =>
      rewritings(key, heads.get(key) ?? [], fresh[i] ?? mergePoints([]), dirty.get(key)),
    );
    const stored = await bodies(
      client,
      plan.flatMap(({ old }) => old.map((head) => head.id)),
    );
    await insertChunks(
      client,
      runId,
      plan.flatMap((each) => made(each, stored)),
    );
  });
}

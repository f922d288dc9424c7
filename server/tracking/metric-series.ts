import { pool } from "#server/platform/db.ts";
import { historyQuery } from "./history-queries.ts";
import {
  comparePoints,
  decodeBlocks,
  decodePoints,
  emptyPoints,
  mergePoints,
  pointAt,
  type Point,
  type Points,
  slicePoints,
} from "./points.ts";

/** What is known of a stored chunk without reading its points. */
export interface ChunkHead {
  readonly id: string;
  readonly count: number;
  readonly first: Point;
  readonly last: Point;
  /** Time never runs back in it. */
  readonly timely: boolean;
  /** The least and the greatest point of each of its blocks, as `decodeBlocks` gives them. */
  readonly blocks: Float64Array;
}

/** A part of a history, behind all points of the part before: a chunk as it is stored, or points that were read and put in order. */
export type Part = { readonly chunk: ChunkHead } | { readonly points: Points };

/** One metric of one run: parts in the order of the history that share no point. */
export interface Series {
  readonly runId: string;
  readonly key: string;
  readonly parts: readonly Part[];
}

interface Row {
  readonly id: string | null;
  readonly run_id: string;
  readonly key: string | null;
  readonly count: number;
  readonly first_step: number;
  readonly first_time: number;
  readonly first_value: number;
  readonly last_step: number;
  readonly last_time: number;
  readonly last_value: number;
  readonly timely: boolean;
  readonly blocks: Uint8Array | null;
  readonly keys: string | null;
  readonly points: Uint8Array | null;
}

/** The points of each key in a batch: `counts[i]` points of `keys[i]`, one key after the other. */
export function splitBatch(keys: readonly string[], counts: readonly number[], points: Uint8Array): [string, Points][] {
  const all = decodePoints(points);
  let at = 0;
  return keys.flatMap((key, i) => {
    const count = counts[i] ?? 0;
    at += count;
    return count > 0 ? [[key, slicePoints(all, at - count, at)] as [string, Points]] : [];
  });
}

interface Gathered {
  readonly runId: string;
  readonly key: string;
  readonly chunks: ChunkHead[];
  readonly loose: Points[];
}

async function gather(runIds: readonly string[], keys: readonly string[] | null): Promise<Gathered[]> {
  const { rows } = await pool().query<Row>(historyQuery("heads", runIds, keys));
  const found = new Map<string, Gathered>();
  const of = (runId: string, key: string): Gathered => {
    const name = `${runId} ${key}`;
    let one = found.get(name);
    if (!one) found.set(name, (one = { runId, key, chunks: [], loose: [] }));
    return one;
  };
  const wanted = keys === null ? null : new Set(keys);
  const blocks = decodeBlocks(rows.map((row) => row.blocks ?? new Uint8Array()));
  for (const [i, row] of rows.entries()) {
    if (row.key !== null)
      of(row.run_id, row.key).chunks.push({
        id: row.id ?? "",
        count: row.count,
        first: { step: row.first_step, time: row.first_time, value: row.first_value },
        last: { step: row.last_step, time: row.last_time, value: row.last_value },
        timely: row.timely,
        blocks: blocks[i] ?? new Float64Array(),
      });
    else if (row.keys !== null && row.points !== null) {
      const batch = JSON.parse(row.keys) as { keys: string[]; counts: number[] };
      for (const [key, points] of splitBatch(batch.keys, batch.counts, row.points))
        if (!wanted || wanted.has(key)) of(row.run_id, key).loose.push(points);
    }
  }
  return [...found.values()];
}

/** The points of stored chunks by id. A chunk that a compaction replaced meanwhile is missing. */
export async function readChunks(ids: readonly string[]): Promise<ReadonlyMap<string, Points>> {
  if (ids.length === 0) return new Map();
  const { rows } = await pool().query<{ id: string; points: Uint8Array }>({
    name: "metric-chunks",
    text: "select id::text, points from metric_chunks where id = any($1::bigint[])",
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, decodePoints(row.points)]));
}

/** Thrown when a chunk was replaced between two readings; whoever reads begins again. */
export class Replaced extends Error {}

/** Runs `work` again when a compaction replaced what it was reading. */
export async function untouched<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Replaced) || attempt === 8) throw error;
    }
  }
}

interface Piece {
  readonly first: Point;
  readonly last: Point;
  readonly chunk?: ChunkHead;
  readonly points?: Points;
}
interface LoosePiece extends Piece {
  readonly points: Points;
}

/** Loose points cut where a chunk begins, so that a late straggler touches the one chunk around it and not all that lie between it and the newest. */
export function cutLoose(loose: Points, chunks: readonly { readonly first: Point }[]): LoosePiece[] {
  const pieces: LoosePiece[] = [];
  const n = loose.steps.length;
  let chunk = 0;
  let from = 0;
  for (let i = 0; i < n; i += 1) {
    const point = pointAt(loose, i);
    const before = chunk;
    for (let next = chunks[chunk]; next && comparePoints(next.first, point) <= 0; next = chunks[chunk]) chunk += 1;
    if (chunk === before || i === from) continue;
    pieces.push({ first: pointAt(loose, from), last: pointAt(loose, i - 1), points: slicePoints(loose, from, i) });
    from = i;
  }
  if (n > from)
    pieces.push({ first: pointAt(loose, from), last: pointAt(loose, n - 1), points: slicePoints(loose, from, n) });
  return pieces;
}

/** Pieces that overlap, together; groups lie one behind the other. */
export function overlapping<T extends { readonly first: Point; readonly last: Point }>(pieces: readonly T[]): T[][] {
  const groups: T[][] = [];
  let end: Point | undefined;
  for (const piece of pieces.toSorted((a, b) => comparePoints(a.first, b.first))) {
    const group = groups.at(-1);
    if (group && end && comparePoints(piece.first, end) <= 0) {
      group.push(piece);
      if (comparePoints(piece.last, end) > 0) end = piece.last;
    } else {
      groups.push([piece]);
      end = piece.last;
    }
  }
  return groups;
}

/**
 * The histories of some runs, all metrics of them when `keys` is null. Only chunks that overlap with others or with loose points are read and merged
 * here. Errors: Replaced.
 */
export async function readSeries(runIds: readonly string[], keys: readonly string[] | null): Promise<Series[]> {
  const gathered = (await gather(runIds, keys)).map(({ runId, key, chunks, loose }) => {
    chunks.sort((a, b) => comparePoints(a.first, b.first));
    const merged = loose.length > 0 ? mergePoints(loose) : emptyPoints(0);
    const stored: Piece[] = chunks.map((chunk) => ({ first: chunk.first, last: chunk.last, chunk }));
    return { runId, key, groups: overlapping([...stored, ...cutLoose(merged, chunks)]) };
  });
  const mixed = gathered.flatMap(({ groups }) => groups.filter((group) => group.length > 1).flat());
  const bodies = await readChunks(mixed.flatMap(({ chunk }) => (chunk ? [chunk.id] : [])));
  const pointsOf = ({ chunk, points }: Piece): Points => {
    const found = points ?? bodies.get(chunk?.id ?? "");
    if (!found) throw new Replaced();
    return found;
  };
  return gathered.map(({ runId, key, groups }) => ({
    runId,
    key,
    parts: groups.map((group): Part => {
      const [only] = group;
      if (only?.chunk && group.length === 1) return { chunk: only.chunk };
      return { points: mergePoints(group.map(pointsOf)) };
    }),
  }));
}

/** Fills in the points of every part. Errors: Replaced. */
export async function readParts(parts: readonly Part[]): Promise<Points[]> {
  const bodies = await readChunks(parts.flatMap((part) => ("chunk" in part ? [part.chunk.id] : [])));
  return parts.map((part) => {
    if ("points" in part) return part.points;
    const found = bodies.get(part.chunk.id);
    if (!found) throw new Replaced();
    return found;
  });
}

export function sizeOf(part: Part): number {
  return "chunk" in part ? part.chunk.count : part.points.steps.length;
}

/**
 * Values of one metric, column by column; all three have one length. A value NaN is NaN; infinities are ±INFINITE. Steps and milliseconds are whole
 * numbers of up to 64 bits as far as a double holds them, which is how clients' numbers arrive.
 */
export interface Points {
  readonly steps: Float64Array;
  readonly times: Float64Array;
  readonly values: Float64Array;
}

export interface Point {
  readonly step: number;
  readonly time: number;
  readonly value: number;
}

/** How many points a chunk holds at most, and how many of them one block of its summary stands for. */
export const CHUNK = 1024;
export const BLOCK = 64;

const BYTES = 8;

/** Room for points, all 0, in one memory. */
export function emptyPoints(length: number): Points {
  const all = new Float64Array(3 * length);
  return {
    steps: all.subarray(0, length),
    times: all.subarray(length, 2 * length),
    values: all.subarray(2 * length),
  };
}

export function pointAt(points: Points, i: number): Point {
  return { step: points.steps[i] ?? 0, time: points.times[i] ?? 0, value: points.values[i] ?? 0 };
}

export function slicePoints({ steps, times, values }: Points, from: number, to: number): Points {
  return { steps: steps.subarray(from, to), times: times.subarray(from, to), values: values.subarray(from, to) };
}

/** NaN counts as 0 in every order and stands behind a real 0, as the latest value of a metric has it. */
function compareValues(a: number, b: number): number {
  const difference = (Number.isNaN(a) ? 0 : a) - (Number.isNaN(b) ? 0 : b);
  return difference === 0 || Number.isNaN(difference) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : difference;
}

/** The order of a history: by step, then time, then value. 0 means the same point logged twice. */
export function comparePoints(a: Point, b: Point): number {
  return a.step - b.step || a.time - b.time || compareValues(a.value, b.value);
}

/** The order in which a client lists a history: by time, then step, then value. */
export function compareByTime(a: Point, b: Point): number {
  return a.time - b.time || a.step - b.step || compareValues(a.value, b.value);
}

function inOrder({ steps, times, values }: Points): boolean {
  for (let i = 1; i < steps.length; i += 1) {
    const step = (steps[i] ?? 0) - (steps[i - 1] ?? 0);
    if (step > 0) continue;
    if (step < 0) return false;
    const time = (times[i] ?? 0) - (times[i - 1] ?? 0);
    if (time < 0 || (time === 0 && compareValues(values[i - 1] ?? 0, values[i] ?? 0) >= 0)) return false;
  }
  return true;
}

/** One array of several, in their order. */
export function joinPoints(parts: readonly Points[]): Points {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const joined = emptyPoints(parts.reduce((sum, part) => sum + part.steps.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.steps.set(part.steps, at);
    joined.times.set(part.times, at);
    joined.values.set(part.values, at);
    at += part.steps.length;
  }
  return joined;
}

/** The points of all parts in the order of a history, each once. */
export function mergePoints(parts: readonly Points[]): Points {
  const joined = joinPoints(parts);
  // What is logged mostly comes in order, and then nothing needs to be sorted.
  if (inOrder(joined)) return joined;
  const all = Array.from(joined.steps, (_, i) => pointAt(joined, i)).sort(comparePoints);
  const merged = emptyPoints(all.length);
  let kept = 0;
  let last: Point | undefined;
  for (const point of all) {
    if (last && comparePoints(last, point) === 0) continue;
    merged.steps[kept] = point.step;
    merged.times[kept] = point.time;
    merged.values[kept] = point.value;
    kept += 1;
    last = point;
  }
  return slicePoints(merged, 0, kept);
}

/** Whether time never runs back along the steps, so that both orders of a history are one. */
export function isTimely({ times }: Points): boolean {
  for (let i = 1; i < times.length; i += 1) if ((times[i] ?? 0) < (times[i - 1] ?? 0)) return false;
  return true;
}

/** Doubles as Postgres sends them, greatest byte first: SQL can write the same by float8send. */
function toBytes(columns: readonly Float64Array[]): Buffer {
  const length = columns.reduce((sum, column) => sum + column.length, 0);
  const all = new Float64Array(length);
  let at = 0;
  for (const column of columns) {
    all.set(column, at);
    at += column.length;
  }
  return Buffer.from(all.buffer).swap64();
}

function fromBytes(bytes: Uint8Array): Float64Array {
  // A copy of its own: it is turned round in place and must begin at a multiple of eight.
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  Buffer.from(copy.buffer).swap64();
  return new Float64Array(copy.buffer);
}

/** Points as bytes: all steps, all times, all values; 24 bytes a point. */
export function encodePoints(points: Points): Buffer {
  return toBytes([points.steps, points.times, points.values]);
}

/** The reverse of `encodePoints`. */
export function decodePoints(bytes: Uint8Array): Points {
  const all = fromBytes(bytes);
  const n = bytes.byteLength / BYTES / 3;
  return { steps: all.subarray(0, n), times: all.subarray(n, 2 * n), values: all.subarray(2 * n) };
}

/** The least and the greatest value of the points from `from` up to `to`; NaN only where there is nothing else. */
export function extremes(points: Points, from: number, to: number): { low: Point; high: Point } {
  let low = from;
  let high = from;
  for (let i = from; i < to; i += 1) {
    const value = points.values[i] ?? 0;
    if (Number.isNaN(value)) continue;
    const least = points.values[low] ?? 0;
    const greatest = points.values[high] ?? 0;
    if (Number.isNaN(least) || value < least) low = i;
    if (Number.isNaN(greatest) || value > greatest) high = i;
  }
  return { low: pointAt(points, low), high: pointAt(points, high) };
}

/** The summary of a chunk: of each BLOCK points the least and the greatest, six doubles. */
export function encodeBlocks(points: Points): Buffer {
  const length = points.steps.length;
  const all = new Float64Array(Math.ceil(length / BLOCK) * 6);
  for (let from = 0, at = 0; from < length; from += BLOCK, at += 6) {
    const { low, high } = extremes(points, from, Math.min(length, from + BLOCK));
    all.set([low.step, low.time, low.value, high.step, high.time, high.value], at);
  }
  return toBytes([all]);
}

/** Stretches of a history one behind the other, of which only the number of points and the extremes are known. */
export interface Stretches {
  /** How many points they stand for together. */
  readonly count: number;
  /** How many each stands for; the last may stand for fewer. */
  readonly each: number;
  /** Six doubles a stretch: step, time and value of its least point, and of its greatest. */
  readonly extremes: Float64Array;
}

/** The reverse of `encodeBlocks` for many chunks, in one memory: a comparison reads a thousand small ones, and the collector counts each memory. */
export function decodeBlocks(summaries: readonly Uint8Array[]): Float64Array[] {
  const all = fromBytes(Buffer.concat(summaries));
  let at = 0;
  return summaries.map(({ byteLength }) => {
    const from = at;
    at += byteLength / BYTES;
    return all.subarray(from, at);
  });
}

/** A chunk of `count` points by its decoded summary. */
export function stretchesOf(extremesOfBlocks: Float64Array, count: number): Stretches {
  return { count, each: BLOCK, extremes: extremesOfBlocks };
}

/** Each point as a stretch of its own. */
export function singly({ steps, times, values }: Points): Stretches {
  const all = new Float64Array(steps.length * 6);
  for (let i = 0; i < steps.length; i += 1)
    for (const at of [i * 6, i * 6 + 3]) {
      all[at] = steps[i] ?? 0;
      all[at + 1] = times[i] ?? 0;
      all[at + 2] = values[i] ?? 0;
    }
  return { count: steps.length, each: 1, extremes: all };
}

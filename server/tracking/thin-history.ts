import {
  comparePoints,
  emptyPoints,
  extremes,
  type Point,
  pointAt,
  type Points,
  slicePoints,
  type Stretches,
} from "./points.ts";

/** What is known of a history before it is thinned. */
export interface Known {
  /** How many points it has. */
  readonly total: number;
  readonly stretches: readonly Stretches[];
  readonly first: Point;
  readonly last: Point;
}

/**
 * Collects points that come in the order of a history, each once: the least and the greatest of a stretch are often one point, or an end of the whole.
 * Columns rather than objects, since a comparison keeps twenty thousand points per chart.
 */
class Kept {
  readonly #room: Points;
  #count = 0;
  #last: Point | undefined;

  /** @param most so many are kept at most. */
  constructor(most: number) {
    this.#room = emptyPoints(most);
  }

  get points(): Points {
    return slicePoints(this.#room, 0, this.#count);
  }

  add(point: Point): void {
    if (this.#last && comparePoints(this.#last, point) === 0) return;
    this.#last = point;
    this.#room.steps[this.#count] = point.step;
    this.#room.times[this.#count] = point.time;
    this.#room.values[this.#count] = point.value;
    this.#count += 1;
  }

  addBoth(one: Point, other: Point): void {
    const inOrder = comparePoints(one, other) <= 0;
    this.add(inOrder ? one : other);
    this.add(inOrder ? other : one);
  }
}

/** The history when it is to have so few points that no stretch keeps both its extremes; null when it has room for more. */
function endsAlone(first: Point, last: Point, points: number): Points | null {
  if (points >= 4) return null;
  const kept = new Kept(2);
  if (points > 1) kept.add(first);
  kept.add(last);
  return kept.points;
}

/** In how many pieces a history is cut that is to have so many points. */
export const piecesOf = (points: number): number => Math.max(1, Math.floor((points - 2) / 2));

/** Of about `points` / 2 pieces of equal length the least and the greatest that the stretches name, with the ends of the whole. */
export function thinStretches({ total, stretches, first, last }: Known, points: number): Points {
  const alone = endsAlone(first, last, points);
  if (alone) return alone;
  const pieces = piecesOf(points);
  const kept = new Kept(2 * pieces + 2);
  kept.add(first);
  let position = 0;
  let piece = -1;
  // The extremes of the piece under way: where they stand, and in which stretches.
  let [low, high]: Float64Array[] = [];
  let [lowAt, highAt] = [0, 0];
  const close = () => {
    if (low && high) kept.addBoth(pointIn(low, lowAt), pointIn(high, highAt));
  };
  for (const { count, each, extremes: found } of stretches) {
    let left = count;
    for (let at = 0; at < found.length; at += 6) {
      const own = Math.min(pieces - 1, Math.floor((position * pieces) / total));
      if (own !== piece || !low || !high) {
        close();
        piece = own;
        [low, lowAt, high, highAt] = [found, at, found, at + 3];
      } else {
        const [least, greatest] = [low[lowAt + 2] ?? 0, high[highAt + 2] ?? 0];
        // A comparison with NaN is false, so NaN is kept only where there is nothing else.
        if (Number.isNaN(least) || (found[at + 2] ?? 0) < least) [low, lowAt] = [found, at];
        if (Number.isNaN(greatest) || (found[at + 5] ?? 0) > greatest) [high, highAt] = [found, at + 3];
      }
      position += Math.min(each, left);
      left -= each;
    }
  }
  close();
  kept.add(last);
  return kept.points;
}

/** As `thinStretches`, from the points themselves; those that are no more than `points` stay whole. */
export function thinPoints(all: Points, points: number): Points {
  const total = all.steps.length;
  if (total <= points) {
    const whole = new Kept(total);
    for (let i = 0; i < total; i += 1) whole.add(pointAt(all, i));
    return whole.points;
  }
  const [first, last] = [pointAt(all, 0), pointAt(all, total - 1)];
  const alone = endsAlone(first, last, points);
  if (alone) return alone;
  const pieces = piecesOf(points);
  const kept = new Kept(2 * pieces + 2);
  kept.add(first);
  for (let piece = 0; piece < pieces; piece += 1) {
    const from = Math.ceil((piece * total) / pieces);
    const { low, high } = extremes(all, from, Math.ceil(((piece + 1) * total) / pieces));
    kept.addBoth(low, high);
  }
  kept.add(last);
  return kept.points;
}

function pointIn(found: Float64Array, at: number): Point {
  return { step: found[at] ?? 0, time: found[at + 1] ?? 0, value: found[at + 2] ?? 0 };
}

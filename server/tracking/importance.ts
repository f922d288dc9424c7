import { setImmediate } from "node:timers/promises";
import { answersOf, type Columns, growForest, meanAnswers, randomFrom, type Rows, rowsOf, rSquared } from "./forest.ts";
import type { ImportanceResultDto, ParameterImportanceDto } from "./importance-contract.ts";

const TREES = 200;
/** How often a parameter is shuffled: the more runs, the less one shuffling differs from another. */
const repetitionsOf = (runs: number): number => Math.min(20, Math.max(5, Math.floor(10_000 / runs)));
const SEED = 20_261_120;
/** A category beyond the most frequent ones counts as "other". */
const MOST_CATEGORIES = 12;

/** A parameter as columns that trees can split: numbers with the median where missing and a mark for it, or a column per category. */
interface Encoded {
  readonly name: string;
  readonly kind: "number" | "category";
  readonly columns: readonly Float64Array[];
  readonly numbers: readonly (number | null)[];
  readonly values: number;
}

const asNumber = (text: string | undefined): number | null =>
  text === undefined || text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text);

/**
 * A parameter made ready for the forest, or why it is left out.
 *
 * @param values what each run says; undefined where it says nothing
 */
function encoded(name: string, values: readonly (string | undefined)[]): Encoded | string {
  const said = values.filter((value) => value !== undefined);
  const distinct = new Set(values);
  if (distinct.size < 2) return "the same in all runs";
  const numbers = values.map(asNumber);
  if (said.every((value) => asNumber(value) !== null)) {
    const sorted = numbers.filter((x) => x !== null).sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    const missing = numbers.some((x) => x === null);
    const columns = [
      Float64Array.from(numbers, (x) => x ?? median),
      ...(missing ? [Float64Array.from(numbers, (x) => (x === null ? 1 : 0))] : []),
    ];
    return { name, kind: "number", columns, numbers, values: new Set(sorted).size };
  }
  if (distinct.size > values.length / 2) return "words that differ in more than half of the runs";
  const uses = new Map<string | undefined, number>();
  for (const value of values) uses.set(value, (uses.get(value) ?? 0) + 1);
  const kept = [...uses]
    .sort((a, b) => b[1] - a[1] || String(a[0]).localeCompare(String(b[0])))
    .slice(0, MOST_CATEGORIES);
  const columns = kept.map(([category]) => Float64Array.from(values, (value) => (value === category ? 1 : 0)));
  return { name, kind: "category", columns, numbers, values: distinct.size };
}

/**
 * Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019) of parameters for a metric: a forest learns the metric from the parameters, and a
 * parameter matters by as much as the forest's R² on runs it did not see falls when the parameter's values are shuffled among the runs. All columns of
 * a parameter are shuffled together. It speaks of association among these runs, not of cause.
 *
 * @param runs at least two, each with a finite metric
 */
export async function importanceOf(
  runs: readonly { readonly params: Readonly<Record<string, string>>; readonly value: number }[],
): Promise<ImportanceResultDto> {
  const y = Float64Array.from(runs, (run) => run.value);
  const names = [...new Set(runs.flatMap((run) => Object.keys(run.params)))].sort();
  const leftOut: { name: string; why: string }[] = [];
  const parameters: Encoded[] = [];
  for (const name of names) {
    const made = encoded(
      name,
      runs.map((run) => run.params[name]),
    );
    if (typeof made === "string") leftOut.push({ name, why: made });
    else parameters.push(made);
  }
  const repetitions = repetitionsOf(runs.length);
  const frame = { n: runs.length, trees: TREES, repetitions, leftOut };
  if (parameters.length === 0) return { ...frame, outOfBagR2: null, parameters: [] };
  const x: Columns = parameters.flatMap((each) => each.columns);
  const forest = await growForest(x, y, { trees: TREES, seed: SEED, breathe: setImmediate });
  const rows = rowsOf(x);
  const base = rSquared(y, meanAnswers([answersOf(forest, rows)]));
  const random = randomFrom(SEED + 1);
  const found: ParameterImportanceDto[] = [];
  let at = 0;
  for (const each of parameters) {
    const [from, to] = [at, at + each.columns.length];
    at = to;
    const asks = Map.groupBy(forest, (tree) => tree.feature.some((feature) => feature >= from && feature < to));
    // What a tree that never asks for the parameter says does not change.
    const others = answersOf(asks.get(false) ?? [], rows);
    const falls: number[] = [];
    while (falls.length < repetitions) {
      const mixed = answersOf(asks.get(true) ?? [], withShuffled(rows, from, to, random));
      falls.push((base ?? 0) - (rSquared(y, meanAnswers([others, mixed])) ?? 0));
      await setImmediate();
    }
    const mean = falls.reduce((sum, fall) => sum + fall, 0) / falls.length;
    const variance = falls.reduce((sum, fall) => sum + (fall - mean) ** 2, 0) / falls.length;
    found.push({
      name: each.name,
      kind: each.kind,
      importance: mean,
      spread: Math.sqrt(variance),
      correlation: each.kind === "number" ? rankCorrelation(each.numbers, y) : null,
      values: each.values,
    });
  }
  return { ...frame, outOfBagR2: base, parameters: found.sort((a, b) => b.importance - a.importance) };
}

/** The rows with the features from `from` up to `to` shuffled among them, those of one row together. */
function withShuffled({ cells, width }: Rows, from: number, to: number, random: () => number): Rows {
  const mixed = cells.slice();
  shuffled(cells.length / width, random).forEach((other, row) => {
    for (let feature = from; feature < to; feature++)
      mixed[row * width + feature] = cells[other * width + feature] ?? 0;
  });
  return { cells: mixed, width };
}

/** The numbers below n in an order of chance (Fisher and Yates). */
function shuffled(n: number, random: () => number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}

/** Ranks from 1; equal values share the mean of their ranks. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const out = new Array<number>(values.length).fill(0);
  for (let i = 0; i < order.length; ) {
    let j = i;
    while (j + 1 < order.length && values[order[j + 1] ?? 0] === values[order[i] ?? 0]) j++;
    for (let k = i; k <= j; k++) out[order[k] ?? 0] = (i + j) / 2 + 1;
    i = j + 1;
  }
  return out;
}

/** Spearman's rank correlation over the pairs where x is known; null when fewer than three or one of them does not vary. */
export function rankCorrelation(x: readonly (number | null)[], y: ArrayLike<number>): number | null {
  const pairs = x.flatMap((value, i): [number, number][] => (value === null ? [] : [[value, y[i] ?? 0]]));
  if (pairs.length < 3) return null;
  const a = ranks(pairs.map(([value]) => value));
  const b = ranks(pairs.map(([, value]) => value));
  const mean = (pairs.length + 1) / 2;
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((rank, i) => {
    const other = (b[i] ?? 0) - mean;
    ab += (rank - mean) * other;
    aa += (rank - mean) ** 2;
    bb += other ** 2;
  });
  return aa === 0 || bb === 0 ? null : ab / Math.sqrt(aa * bb);
}

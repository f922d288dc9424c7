/** A stream of numbers in [0, 1) that is the same for the same seed (mulberry32, Tommy Ettinger). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Matrix = readonly (readonly number[])[];

type Tree =
  | { readonly value: number }
  | { readonly feature: number; readonly threshold: number; readonly low: Tree; readonly high: Tree };

export interface Forest {
  readonly trees: readonly Tree[];
  /** For each tree, which rows it did not see. */
  readonly unseen: readonly (readonly boolean[])[];
}

/**
 * A random forest for regression (Breiman 2001): each tree grows on a bootstrap sample, every split takes the feature and threshold that lessen the squared
 * error most, among all features as scikit-learn's RandomForestRegressor does, until a leaf is pure. Deterministic for a seed.
 */
export function growForest(
  x: Matrix,
  y: readonly number[],
  options: { readonly trees: number; readonly seed: number },
): Forest {
  const random = randomFrom(options.seed);
  const trees: Tree[] = [];
  const unseen: boolean[][] = [];
  for (let t = 0; t < options.trees; t++) {
    const rows = y.map(() => Math.floor(random() * y.length));
    const missing = y.map(() => true);
    for (const row of rows) missing[row] = false;
    trees.push(grow(x, y, rows, random));
    unseen.push(missing);
  }
  return { trees, unseen };
}

const meanOf = (y: readonly number[], rows: readonly number[]): number =>
  rows.reduce((sum, row) => sum + (y[row] ?? 0), 0) / rows.length;

function grow(x: Matrix, y: readonly number[], rows: readonly number[], random: () => number): Tree {
  const first = y[rows[0] ?? 0];
  if (rows.length < 2 || rows.every((row) => y[row] === first)) return { value: meanOf(y, rows) };
  const split = bestSplit(x, y, rows, random);
  if (split === null) return { value: meanOf(y, rows) };
  const { feature, threshold } = split;
  const goesLow = (row: number): boolean => (x[row]?.[feature] ?? 0) <= threshold;
  return {
    feature,
    threshold,
    low: grow(x, y, rows.filter(goesLow), random),
    high: grow(
      x,
      y,
      rows.filter((row) => !goesLow(row)),
      random,
    ),
  };
}

/** The split with the greatest sum of squared sums per side over its size, which is the least squared error; ties are broken by chance. */
function bestSplit(
  x: Matrix,
  y: readonly number[],
  rows: readonly number[],
  random: () => number,
): { feature: number; threshold: number } | null {
  const width = x[0]?.length ?? 0;
  const total = rows.reduce((sum, row) => sum + (y[row] ?? 0), 0);
  const none = (total * total) / rows.length;
  let best: { feature: number; threshold: number; gain: number } | null = null;
  const begin = Math.floor(random() * width);
  for (let f = 0; f < width; f++) {
    // Equally good features would otherwise always lose to the first.
    const feature = (begin + f) % width;
    const ordered = [...rows].sort((a, b) => (x[a]?.[feature] ?? 0) - (x[b]?.[feature] ?? 0));
    let sum = 0;
    for (let i = 0; i < ordered.length - 1; i++) {
      const [row, next] = [ordered[i] ?? 0, ordered[i + 1] ?? 0];
      sum += y[row] ?? 0;
      const [here, there] = [x[row]?.[feature] ?? 0, x[next]?.[feature] ?? 0];
      if (here === there) continue;
      const left = i + 1;
      const gain = (sum * sum) / left + (total - sum) ** 2 / (rows.length - left) - none;
      if (gain > 1e-12 && (best === null || gain > best.gain * (1 + 1e-9)))
        best = { feature, threshold: (here + there) / 2, gain };
    }
  }
  return best;
}

function answer(tree: Tree, row: readonly number[]): number {
  let at = tree;
  while ("feature" in at) at = (row[at.feature] ?? 0) <= at.threshold ? at.low : at.high;
  return at.value;
}

/** What the trees that did not see a row say of it on average; null for a row that all of them saw. */
export function outOfBag(forest: Forest, x: Matrix): (number | null)[] {
  return x.map((row, i) => {
    let sum = 0;
    let count = 0;
    forest.trees.forEach((tree, t) => {
      if (forest.unseen[t]?.[i] !== true) return;
      sum += answer(tree, row);
      count++;
    });
    return count === 0 ? null : sum / count;
  });
}

/** The share of variance explained (coefficient of determination), over the rows that have a prediction; null when y does not vary there. */
export function rSquared(y: readonly number[], predicted: readonly (number | null)[]): number | null {
  const rows = y.map((_, i) => i).filter((i) => predicted[i] !== null);
  if (rows.length < 2) return null;
  const mean = meanOf(y, rows);
  let left = 0;
  let all = 0;
  for (const i of rows) {
    left += ((y[i] ?? 0) - (predicted[i] ?? 0)) ** 2;
    all += ((y[i] ?? 0) - mean) ** 2;
  }
  return all === 0 ? null : 1 - left / all;
}

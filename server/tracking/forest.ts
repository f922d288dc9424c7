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

/** A tree as columns, one entry per node, the root first. A leaf has the feature -1; a row goes to `low` where its feature is at most the threshold. */
interface Tree {
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly value: Float64Array;
  /** The rows that the tree did not see. */
  readonly unseen: Int32Array;
}

export type Forest = readonly Tree[];

/** Features as columns, all of one length: `x[feature][row]`. */
export type Columns = readonly Float64Array[];

/**
 * A random forest for regression (Breiman 2001): each tree grows on a bootstrap sample, every split takes the feature and threshold that lessen the squared
 * error most, among all features as scikit-learn's RandomForestRegressor does, until a leaf is pure. Deterministic for a seed. Rows are sorted by each
 * feature once and stay sorted in every node (Mehta, Agrawal and Rissanen 1996), so that a level of a tree costs rows × features.
 *
 * @param x features × rows
 * @param y one value per row
 * @param options.breathe is awaited after each tree, so that a large forest does not hold up its process
 */
export async function growForest(
  x: Columns,
  y: Float64Array,
  options: { readonly trees: number; readonly seed: number; readonly breathe: () => Promise<void> },
): Promise<Forest> {
  const random = randomFrom(options.seed);
  const rows = Int32Array.from(y.keys());
  const sorted = x.map((column) => rows.toSorted((a, b) => (column[a] ?? 0) - (column[b] ?? 0)));
  const trees: Tree[] = [];
  while (trees.length < options.trees) {
    trees.push(growTree(x, y, sorted, random));
    await options.breathe();
  }
  return trees;
}

interface Split {
  readonly feature: number;
  readonly threshold: number;
}

/** A node that is still to be grown: its rows stand from `from` up to `to` in the order of every feature. */
interface Growing {
  readonly node: number;
  readonly from: number;
  readonly to: number;
}

function growTree(x: Columns, y: Float64Array, sorted: readonly Int32Array[], random: () => number): Tree {
  const n = y.length;
  // How often the bootstrap sample took each row.
  const taken = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const row = Math.floor(random() * n);
    taken[row] = (taken[row] ?? 0) + 1;
  }
  const orders = sorted.map((order) => order.filter((row) => (taken[row] ?? 0) > 0));
  const most = 2 * (orders[0]?.length ?? 0);
  const tree = {
    feature: new Int32Array(most).fill(-1),
    threshold: new Float64Array(most),
    low: new Int32Array(most),
    high: new Int32Array(most),
    value: new Float64Array(most),
    unseen: Int32Array.from(taken.keys()).filter((row) => taken[row] === 0),
  };
  const spare = new Int32Array(n);
  const goesLow = new Uint8Array(n);
  const waiting: Growing[] = [{ node: 0, from: 0, to: orders[0]?.length ?? 0 }];
  let nodes = 1;
  for (let growing = waiting.pop(); growing; growing = waiting.pop()) {
    const { node, from, to } = growing;
    const sums = sumsOf(y, taken, orders[0] ?? spare, from, to);
    tree.value[node] = sums.total / sums.count;
    const split = sums.isPure ? null : bestSplit(x, y, taken, orders, growing, sums, random);
    if (split === null) continue;
    const column = x[split.feature] ?? y;
    const order = orders[split.feature] ?? spare;
    let middle = from;
    for (let i = from; i < to; i++) {
      const row = order[i] ?? 0;
      const isLow = (column[row] ?? 0) <= split.threshold;
      goesLow[row] = isLow ? 1 : 0;
      if (isLow) middle += 1;
    }
    for (const each of orders) part(each, from, to, goesLow, spare);
    tree.feature[node] = split.feature;
    tree.threshold[node] = split.threshold;
    tree.low[node] = nodes;
    tree.high[node] = nodes + 1;
    waiting.push({ node: nodes + 1, from: middle, to }, { node: nodes, from, to: middle });
    nodes += 2;
  }
  return tree;
}

interface Sums {
  readonly total: number;
  /** Rows as the sample took them, each as often as it did. */
  readonly count: number;
  readonly isPure: boolean;
}

function sumsOf(y: Float64Array, taken: Int32Array, order: Int32Array, from: number, to: number): Sums {
  const first = y[order[from] ?? 0];
  let [total, count, isPure] = [0, 0, true];
  for (let i = from; i < to; i++) {
    const row = order[i] ?? 0;
    const times = taken[row] ?? 0;
    total += times * (y[row] ?? 0);
    count += times;
    if (y[row] !== first) isPure = false;
  }
  return { total, count, isPure };
}

/** Puts the rows that go low before those that do not, each side in the order that it had. */
function part(order: Int32Array, from: number, to: number, goesLow: Uint8Array, spare: Int32Array): void {
  let [low, high] = [from, 0];
  for (let i = from; i < to; i++) {
    const row = order[i] ?? 0;
    if (goesLow[row] === 1) order[low++] = row;
    else spare[high++] = row;
  }
  order.set(spare.subarray(0, high), low);
}

/** The split with the greatest sum of squared sums per side over its size, which is the least squared error; ties are broken by chance. */
function bestSplit(
  x: Columns,
  y: Float64Array,
  taken: Int32Array,
  orders: readonly Int32Array[],
  { from, to }: Growing,
  { total, count }: Sums,
  random: () => number,
): Split | null {
  const none = (total * total) / count;
  let [best, threshold, most] = [-1, 0, 0];
  const begin = Math.floor(random() * x.length);
  for (let f = 0; f < x.length; f++) {
    // Equally good features would otherwise always lose to the first.
    const feature = (begin + f) % x.length;
    const column = x[feature] ?? y;
    const order = orders[feature] ?? taken;
    let [sum, left] = [0, 0];
    for (let i = from; i < to - 1; i++) {
      const row = order[i] ?? 0;
      const times = taken[row] ?? 0;
      sum += times * (y[row] ?? 0);
      left += times;
      const [here, there] = [column[row] ?? 0, column[order[i + 1] ?? 0] ?? 0];
      if (here === there) continue;
      const gain = (sum * sum) / left + (total - sum) ** 2 / (count - left) - none;
      if (gain > 1e-12 && (best < 0 || gain > most * (1 + 1e-9))) {
        best = feature;
        const middle = (here + there) / 2;
        // The middle of two neighbouring doubles may round to the greater one, and that of huge ones is infinite.
        threshold = middle >= here && middle < there ? middle : here;
        most = gain;
      }
    }
  }
  return best < 0 ? null : { feature: best, threshold };
}

/** The same features row by row, `rows × features`: what a tree asks of one row lies together. */
export interface Rows {
  readonly cells: Float64Array;
  readonly width: number;
}

export function rowsOf(x: Columns): Rows {
  const width = x.length;
  const cells = new Float64Array(width * (x[0]?.length ?? 0));
  x.forEach((column, feature) => column.forEach((value, row) => (cells[row * width + feature] = value)));
  return { cells, width };
}

/** What a tree says of the row whose cells begin at `start`. */
function answer({ feature, threshold, low, high, value }: Tree, cells: Float64Array, start: number): number {
  let node = 0;
  for (let asked = feature[0] ?? -1; asked >= 0; asked = feature[node] ?? -1)
    node = ((cells[start + asked] ?? 0) <= (threshold[node] ?? 0) ? low[node] : high[node]) ?? 0;
  return value[node] ?? 0;
}

/** What trees say of the rows that they did not see: the sum per row, and how many of them spoke. */
interface Answers {
  readonly sums: Float64Array;
  readonly counts: Int32Array;
}

/** What each of the trees says of the rows that it did not see. */
export function answersOf(trees: readonly Tree[], { cells, width }: Rows): Answers {
  const sums = new Float64Array(cells.length / width);
  const counts = new Int32Array(cells.length / width);
  for (const tree of trees) {
    const { unseen } = tree;
    for (let i = 0; i < unseen.length; i++) {
      const row = unseen[i] ?? 0;
      sums[row] = (sums[row] ?? 0) + answer(tree, cells, row * width);
      counts[row] = (counts[row] ?? 0) + 1;
    }
  }
  return { sums, counts };
}

/** The out-of-bag prediction of each row: the mean over the trees that did not see it; NaN for a row that all of them saw. */
export function meanAnswers([first, ...others]: readonly [Answers, ...Answers[]]): Float64Array {
  return first.sums.map((sum, row) => {
    const all = others.reduce((total, { sums }) => total + (sums[row] ?? 0), sum);
    return all / others.reduce((total, { counts }) => total + (counts[row] ?? 0), first.counts[row] ?? 0);
  });
}

/** The share of variance explained (coefficient of determination), over the rows that have a prediction; null when y does not vary there. */
export function rSquared(y: Float64Array, predicted: Float64Array): number | null {
  let [sum, count] = [0, 0];
  y.forEach((value, row) => {
    if (Number.isNaN(predicted[row])) return;
    sum += value;
    count += 1;
  });
  if (count < 2) return null;
  const mean = sum / count;
  let [left, all] = [0, 0];
  y.forEach((value, row) => {
    const said = predicted[row] ?? NaN;
    if (Number.isNaN(said)) return;
    left += (value - said) ** 2;
    all += (value - mean) ** 2;
  });
  return all === 0 ? null : 1 - left / all;
}

import { type Basis, design, frameOf, type Model, softmax } from "./model.ts";
import type { Penguin } from "./penguin.ts";

export interface Options {
  basis: Basis;
  epochs: number;
  learningRate: number;
  /** Weight of the squared weights in the loss (ridge). */
  l2: number;
  seed: number;
}

/** Random numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Fits a softmax regression by gradient descent over all rows at once. `onEpoch` receives the mean training loss (without the ridge
 * term) before each step and the model as it is then.
 */
export function fit(
  rows: Penguin[],
  classes: string[],
  options: Options,
  onEpoch?: (epoch: number, loss: number, model: Model) => void,
): Model {
  const frame = frameOf(rows, options.basis);
  const x = rows.map((row) => design(row, frame));
  const truth = rows.map((row) => classes.indexOf(row.species));
  const next = random(options.seed);
  const weights = (x[0] ?? []).map(() => classes.map(() => (next() - 0.5) * 0.01));
  const bias = classes.map(() => 0);
  const model: Model = { ...frame, classes, weights, bias };
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    const slope = weights.map((row) => row.map((w) => options.l2 * w));
    const biasSlope = bias.map(() => 0);
    let loss = 0;
    x.forEach((values, r) => {
      const p = softmax(values, weights, bias);
      loss -= Math.log(Math.max(p[truth[r] ?? 0] ?? 0, 1e-15)) / x.length;
      p.forEach((probability, k) => {
        const error = (probability - (truth[r] === k ? 1 : 0)) / x.length;
        biasSlope[k] = (biasSlope[k] ?? 0) + error;
        values.forEach((v, i) => {
          const row = slope[i];
          if (row) row[k] = (row[k] ?? 0) + error * v;
        });
      });
    });
    onEpoch?.(epoch, loss, model);
    weights.forEach((row, i) => row.forEach((w, k) => (row[k] = w - options.learningRate * (slope[i]?.[k] ?? 0))));
    bias.forEach((b, k) => (bias[k] = b - options.learningRate * (biasSlope[k] ?? 0)));
  }
  return model;
}

/** Splits rows into `count` folds of nearly equal size, shuffled by the seed. */
export function folds(rows: Penguin[], count: number, seed: number): Penguin[][] {
  const next = random(seed);
  const shuffled = rows.map((row) => ({ row, key: next() })).sort((a, b) => a.key - b.key);
  return Array.from({ length: count }, (_, f) => shuffled.filter((_, i) => i % count === f).map((entry) => entry.row));
}

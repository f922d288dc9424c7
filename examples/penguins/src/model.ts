import type { Penguin } from "./penguin.ts";

/** linear: the standardised measures. quadratic: also their squares and products. Both add one column per island. */
export type Basis = "linear" | "quadratic";

/** A softmax regression. `weights[i][k]` belongs to column i of `design` and class k. */
export interface Model {
  basis: Basis;
  classes: string[];
  islands: string[];
  mean: number[];
  scale: number[];
  weights: number[][];
  bias: number[];
}

/** The pairs (i ≤ j) of measures whose products the quadratic basis adds. */
export function pairs(count: number): [number, number][] {
  return Array.from({ length: count }, (_, i) => i).flatMap((i) =>
    Array.from({ length: count - i }, (_, d): [number, number] => [i, i + d]),
  );
}

export type Frame = Pick<Model, "basis" | "islands" | "mean" | "scale">;

/** What must be known of the training rows before a row can become numbers. */
export function frameOf(rows: Penguin[], basis: Basis): Frame {
  const columns = (rows[0]?.measures ?? []).map((_, i) => rows.map((row) => row.measures[i] ?? 0));
  const mean = columns.map((values) => values.reduce((sum, v) => sum + v, 0) / values.length);
  const scale = columns.map((values, i) =>
    Math.sqrt(values.reduce((sum, v) => sum + (v - (mean[i] ?? 0)) ** 2, 0) / values.length),
  );
  return { basis, islands: [...new Set(rows.map((row) => row.island))].sort(), mean, scale };
}

/** One row as the numbers that the weights multiply. */
export function design(row: Penguin, frame: Frame): number[] {
  const z = row.measures.map((v, i) => (v - (frame.mean[i] ?? 0)) / (frame.scale[i] ?? 1));
  const products = frame.basis === "quadratic" ? pairs(z.length).map(([i, j]) => (z[i] ?? 0) * (z[j] ?? 0)) : [];
  return [...z, ...products, ...frame.islands.map((island) => (island === row.island ? 1 : 0))];
}

/** Probabilities in the order of the classes. */
export function softmax(x: number[], weights: number[][], bias: number[]): number[] {
  const scores = bias.map((b, k) => x.reduce((sum, v, i) => sum + v * (weights[i]?.[k] ?? 0), b));
  const top = Math.max(...scores);
  const powers = scores.map((s) => Math.exp(s - top));
  const total = powers.reduce((sum, p) => sum + p, 0);
  return powers.map((p) => p / total);
}

export interface Scores {
  accuracy: number;
  log_loss: number;
  n: number;
}

/** Accuracy and mean log loss (natural logarithm) of a model on rows. */
export function score(model: Model, rows: Penguin[]): Scores {
  let right = 0;
  let loss = 0;
  for (const row of rows) {
    const p = softmax(design(row, model), model.weights, model.bias);
    const truth = model.classes.indexOf(row.species);
    right += p.indexOf(Math.max(...p)) === truth ? 1 : 0;
    loss -= Math.log(Math.max(p[truth] ?? 0, 1e-15));
  }
  return { accuracy: right / rows.length, log_loss: loss / rows.length, n: rows.length };
}

import { aucInterval } from "#server/kernel/statistics/delong.ts";
import { meanInterval, moments, wilson } from "#server/kernel/statistics/intervals.ts";
import { FLOAT_EPSILON, logLossTermsOfClasses } from "#server/kernel/statistics/probability-scores.ts";
import type { TrafficWindow } from "#server/serving/contract.ts";
import type { Baseline, Figure, MetricName, Performance } from "./contract.ts";
import { positiveIndex } from "./reference.ts";

export type Baselines = Readonly<Partial<Record<MetricName, Baseline>>>;

/**
 * Quality on the rows of a window whose outcome is known: accuracy with Wilson's interval, AUC of a two-class model with DeLong's, log-loss with the
 * normal interval of its mean. Null for a model without classes or a window without outcomes.
 */
export function measurePerformance(
  window: TrafficWindow,
  positive: string | null,
  baselines: Baselines,
): Performance | null {
  const known: number[] = [];
  for (let row = 0; row < window.rows; row++)
    if (window.outcomes.labels[row] !== null && window.labels[row] !== null) known.push(row);
  if (known.length === 0) return null;
  const actual = known.map((row) => window.outcomes.labels[row] ?? "");
  const figure = (metric: MetricName, value: number, interval: { low: number; high: number } | null): Figure => ({
    value,
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    baseline: baselines[metric] ?? null,
  });
  const right = known.filter((row, i) => window.labels[row] === actual[i]).length;
  const accuracy = figure("accuracy", right / known.length, wilson(right, known.length));
  const auc = aucOf(window, known, actual, positive);
  const loss = lossOf(window, known, actual);
  return {
    n: known.length,
    coverage: window.rows === 0 ? 0 : known.length / window.rows,
    accuracy,
    auc: auc && figure("auc", auc.auc, auc.interval),
    log_loss: loss && figure("log_loss", moments(loss).mean, meanInterval(loss)),
  };
}

function aucOf(window: TrafficWindow, known: readonly number[], actual: readonly string[], positive: string | null) {
  const index = positiveIndex(window.classes, positive);
  const scores = index === null ? undefined : window.probabilities?.[index];
  const label = index === null ? undefined : window.classes?.[index];
  if (!scores || label === undefined) return null;
  const usable = known.map((row, i) => ({ score: scores[row] ?? Number.NaN, hit: actual[i] === label }));
  const scored = usable.filter(({ score }) => !Number.isNaN(score));
  return aucInterval(
    scored.map(({ hit }) => hit),
    scored.map(({ score }) => score),
  );
}

/** Log-loss per row over the rows that have probabilities and an outcome that is one of the classes; null without any. */
function lossOf(window: TrafficWindow, known: readonly number[], actual: readonly string[]): Float64Array | null {
  const { classes, probabilities } = window;
  if (!classes || !probabilities) return null;
  const codes: number[] = [];
  const flat: number[] = [];
  known.forEach((row, i) => {
    const code = classes.indexOf(actual[i] ?? "");
    const row_probabilities = probabilities.map((column) => column[row] ?? Number.NaN);
    if (code < 0 || row_probabilities.some((p) => !(p >= 0 && p <= 1))) return;
    codes.push(code);
    flat.push(...row_probabilities);
  });
  return codes.length === 0 ? null : logLossTermsOfClasses(codes, flat, classes.length, FLOAT_EPSILON);
}

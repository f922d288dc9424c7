import { quantiles, evenEdges } from "./quantiles.ts";
import { lowerBound } from "./samples.ts";

/** Machine precision, to which scikit-learn clips probabilities before the logarithm: of doubles, and of the floats an ONNX model returns. */
export const DOUBLE_EPSILON = 2 ** -52;
export const FLOAT_EPSILON = 2 ** -23;

function sameRows(rows: number, found: number): void {
  if (rows !== found) throw new RangeError(`${rows} outcomes and ${found} probabilities do not belong together`);
  if (rows === 0) throw new RangeError("a score needs at least one row");
}

function probability(value: number | undefined, row: number): number {
  if (value === undefined || !(value >= 0 && value <= 1)) {
    throw new RangeError(`row ${row} has a probability that is not between 0 and 1`);
  }
  return value;
}

function outcomeOf(value: number | boolean | undefined, row: number): 0 | 1 {
  const outcome = Number(value);
  if (outcome !== 0 && outcome !== 1) throw new RangeError(`the outcome of row ${row} is neither 0 nor 1`);
  return outcome;
}

function mean(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total / values.length;
}

/**
 * Per-row log-loss −ln P(outcome), natural logarithm, of the probability of the positive class, clipped to [ε, 1−ε]. Its mean is the log-loss; the
 * rows themselves serve an interval or a paired comparison. RangeError for a probability outside [0, 1] or an outcome other than 0 and 1.
 */
export function logLossTerms(
  actual: ArrayLike<number | boolean>,
  probabilities: ArrayLike<number>,
  epsilon = DOUBLE_EPSILON,
): Float64Array {
  sameRows(actual.length, probabilities.length);
  const terms = new Float64Array(actual.length);
  for (let i = 0; i < actual.length; i++) {
    const p = probability(probabilities[i], i);
    const hit = outcomeOf(actual[i], i) === 1 ? p : 1 - p;
    terms[i] = -Math.log(Math.min(Math.max(hit, epsilon), 1 - epsilon));
  }
  return terms;
}

/** The same for several classes: `actual` holds class numbers, `probabilities` is row-major, rows × classes. Rows are not renormalised. */
export function logLossTermsOfClasses(
  actual: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
  epsilon = DOUBLE_EPSILON,
): Float64Array {
  sameRows(actual.length * classes, probabilities.length);
  const terms = new Float64Array(actual.length);
  for (let i = 0; i < actual.length; i++) {
    const label = actual[i] as number;
    if (!(label >= 0 && label < classes)) throw new RangeError(`row ${i} has the class ${label} of ${classes}`);
    const p = probability(probabilities[i * classes + label], i);
    terms[i] = -Math.log(Math.min(Math.max(p, epsilon), 1 - epsilon));
  }
  return terms;
}

/** Mean log-loss of the positive class's probability (scikit-learn `log_loss`, with its clipping). */
export function logLoss(
  actual: ArrayLike<number | boolean>,
  probabilities: ArrayLike<number>,
  epsilon = DOUBLE_EPSILON,
): number {
  return mean(logLossTerms(actual, probabilities, epsilon));
}

/** Mean log-loss of several classes (scikit-learn `log_loss`, with its clipping). */
export function logLossOfClasses(
  actual: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
  epsilon = DOUBLE_EPSILON,
): number {
  return mean(logLossTermsOfClasses(actual, probabilities, classes, epsilon));
}

/** Brier score: mean squared distance of the positive class's probability from the outcome, 0 to 1 (Brier 1950; scikit-learn's binary form). */
export function brier(actual: ArrayLike<number | boolean>, probabilities: ArrayLike<number>): number {
  sameRows(actual.length, probabilities.length);
  let total = 0;
  for (let i = 0; i < actual.length; i++) {
    total += (probability(probabilities[i], i) - outcomeOf(actual[i], i)) ** 2;
  }
  return total / actual.length;
}

/** Brier score over all classes, 0 to 2 (Brier's own form; scikit-learn with `scale_by_half=False`, its default for three classes and more). */
export function brierOfClasses(actual: ArrayLike<number>, probabilities: ArrayLike<number>, classes: number): number {
  sameRows(actual.length * classes, probabilities.length);
  let total = 0;
  for (let i = 0; i < actual.length; i++) {
    for (let label = 0; label < classes; label++) {
      total += (probability(probabilities[i * classes + label], i) - (actual[i] === label ? 1 : 0)) ** 2;
    }
  }
  return total / actual.length;
}

/** One bar of a reliability diagram: rows whose probability lies in (low, high], the first bin closed below. */
export type CalibrationBin = {
  readonly low: number;
  readonly high: number;
  readonly n: number;
  /** Mean probability given; null in an empty bin. */
  readonly predicted: number | null;
  /** Share of positive outcomes; null in an empty bin. */
  readonly observed: number | null;
};

export type Calibration = {
  readonly bins: readonly CalibrationBin[];
  /** Σ n_bin/n · |observed − predicted|, 0 to 1 (expected calibration error, Naeini, Cooper & Hauskrecht 2015). */
  readonly expectedError: number;
};

/**
 * Reliability of probabilities in `count` bins of even width or of even size (scikit-learn `calibration_curve`; empty bins are kept here).
 * Errors as in {@link logLossTerms}.
 */
export function calibration(
  actual: ArrayLike<number | boolean>,
  probabilities: ArrayLike<number>,
  { count = 10, strategy = "uniform" }: { readonly count?: number; readonly strategy?: "uniform" | "quantile" } = {},
): Calibration {
  sameRows(actual.length, probabilities.length);
  const edges = strategy === "uniform" ? evenEdges(0, 1, count) : quantiles(probabilities, evenEdges(0, 1, count));
  const inner = edges.slice(1, -1);
  const rows = new Float64Array(count);
  const given = new Float64Array(count);
  const positive = new Float64Array(count);
  for (let i = 0; i < actual.length; i++) {
    const p = probability(probabilities[i], i);
    const bin = lowerBound(inner, p);
    rows[bin] = (rows[bin] as number) + 1;
    given[bin] = (given[bin] as number) + p;
    positive[bin] = (positive[bin] as number) + outcomeOf(actual[i], i);
  }
  let error = 0;
  const bins = Array.from(rows, (n, i): CalibrationBin => {
    const [low, high] = [edges[i] as number, edges[i + 1] as number];
    if (n === 0) return { low, high, n, predicted: null, observed: null };
    error += Math.abs((positive[i] as number) - (given[i] as number));
    return { low, high, n, predicted: (given[i] as number) / n, observed: (positive[i] as number) / n };
  });
  return { bins, expectedError: error / actual.length };
}

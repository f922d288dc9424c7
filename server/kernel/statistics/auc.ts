import { lowerBound, upperBound } from "./samples.ts";
import { sortFloats } from "./sort-floats.ts";

/** Scores split by outcome, in row order. */
export type SplitScores = { readonly positives: Float64Array; readonly negatives: Float64Array };

/**
 * Splits scores by outcome: `actual[i]` is 1 (or true) for a positive and 0 (or false) for a negative row. RangeError when the lengths differ,
 * an outcome is something else or a score is NaN.
 */
export function splitScores(actual: ArrayLike<number | boolean>, scores: ArrayLike<number>): SplitScores {
  if (actual.length !== scores.length) {
    throw new RangeError(`${actual.length} outcomes and ${scores.length} scores do not belong together`);
  }
  const positives = new Float64Array(actual.length);
  const negatives = new Float64Array(actual.length);
  let m = 0;
  let k = 0;
  for (let i = 0; i < actual.length; i++) {
    const score = scores[i] as number;
    if (Number.isNaN(score)) throw new RangeError(`the score of row ${i} is not a number`);
    const outcome = Number(actual[i]);
    if (outcome === 1) positives[m++] = score;
    else if (outcome === 0) negatives[k++] = score;
    else throw new RangeError(`the outcome of row ${i} is neither 0 nor 1`);
  }
  return { positives: positives.subarray(0, m), negatives: negatives.subarray(0, k) };
}

/**
 * Area under the ROC curve: the chance that a random positive row has a higher score than a random negative one, ties counting half (Mann-Whitney
 * U/(m·k); scikit-learn `roc_auc_score`). Counted in whole numbers, so exact; O(n log n). Null when one class is absent.
 */
export function auc(actual: ArrayLike<number | boolean>, scores: ArrayLike<number>): number | null {
  const { positives, negatives } = splitScores(actual, scores);
  return aucOfSorted(sortFloats(positives), sortFloats(negatives));
}

function aucOfSorted(positives: Float64Array, negatives: Float64Array): number | null {
  const m = positives.length;
  const k = negatives.length;
  if (m === 0 || k === 0) return null;
  let below = 0;
  let upTo = 0;
  let halves = 0;
  for (const score of positives) {
    while (below < k && (negatives[below] as number) < score) below++;
    if (upTo < below) upTo = below;
    while (upTo < k && (negatives[upTo] as number) === score) upTo++;
    halves += below + upTo;
  }
  return halves / 2 / m / k;
}

/** One-vs-rest AUC of several classes. */
export type ClassAucs = {
  /** Unweighted mean over the classes that have one; null when none has. Equal to scikit-learn where every class occurs. */
  readonly macro: number | null;
  /** Null for a class that never occurs, or alone, in these rows: scikit-learn refuses the whole window then. */
  readonly perClass: readonly (number | null)[];
};

/**
 * AUC of each class against the rest and their mean (scikit-learn `roc_auc_score(multi_class="ovr", average="macro")`). `actual` holds class
 * numbers 0 … classes−1, `probabilities` is row-major, rows × classes. RangeError when the sizes do not fit.
 */
export function aucOneVersusRest(
  actual: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
): ClassAucs {
  const rows = actual.length;
  if (probabilities.length !== rows * classes) {
    throw new RangeError(`${probabilities.length} probabilities are not ${rows} rows of ${classes} classes`);
  }
  const outcome = new Uint8Array(rows);
  const scores = new Float64Array(rows);
  const perClass: (number | null)[] = [];
  for (let label = 0; label < classes; label++) {
    for (let i = 0; i < rows; i++) {
      outcome[i] = actual[i] === label ? 1 : 0;
      scores[i] = probabilities[i * classes + label] as number;
    }
    perClass.push(auc(outcome, scores));
  }
  const known = perClass.filter((value) => value !== null);
  return { macro: known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : null, perClass };
}

/**
 * DeLong's placements of each score among the other class: the share of `others` below it, ties half. In terms of midranks this is
 * (rank among all − rank in own class)/others.length, the identity of Sun & Xu (2014); counting in a sorted array gives it in O(n log n) without
 * ranking twice. `others` must be sorted.
 */
export function placements(scores: Float64Array, others: Float64Array): Float64Array {
  const out = new Float64Array(scores.length);
  const twice = 2 * others.length;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] as number;
    const below = lowerBound(others, score);
    // Most scores have no tie on the other side: one comparison spares the second search.
    out[i] = (below + (others[below] === score ? upperBound(others, score) : below)) / twice;
  }
  return out;
}

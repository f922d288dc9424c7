/** A class label as it occurs in data. */
export type ClassLabel = string | number | boolean;

/** `codes[i]` is the position of row i's label in `classes`. */
export type EncodedLabels<T extends ClassLabel> = { readonly classes: readonly T[]; readonly codes: Int32Array };

/**
 * Numbers the labels. Without `classes` the distinct labels are sorted (numbers by size, else by code unit, false before true), as scikit-learn
 * does. RangeError for a label that is not among the given classes.
 */
export function encodeLabels<T extends ClassLabel>(labels: ArrayLike<T>, classes?: readonly T[]): EncodedLabels<T> {
  const known = classes ?? distinctLabels(labels);
  const index = new Map(known.map((label, i) => [label, i]));
  const codes = new Int32Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as T;
    const code = index.get(label);
    if (code === undefined)
      throw new RangeError(`row ${i} has the class '${label}', which is not among the known ones`);
    codes[i] = code;
  }
  return { classes: known, codes };
}

/** The distinct labels of all the given columns in scikit-learn's order. */
export function distinctLabels<T extends ClassLabel>(...columns: readonly ArrayLike<T>[]): T[] {
  const seen = new Set<T>();
  for (const column of columns) for (let i = 0; i < column.length; i++) seen.add(column[i] as T);
  return [...seen].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** `matrix[actual][predicted]` = number of rows (scikit-learn `confusion_matrix`). */
export type ConfusionMatrix = readonly (readonly number[])[];

/** Counts actual against predicted class numbers 0 … classes−1. RangeError when lengths differ or a number is not such a class. */
export function confusionMatrix(
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): ConfusionMatrix {
  if (actual.length !== predicted.length) {
    throw new RangeError(`${actual.length} outcomes and ${predicted.length} predictions do not belong together`);
  }
  const cells = new Float64Array(classes * classes);
  const isClass = (code: number): boolean => Number.isInteger(code) && code >= 0 && code < classes;
  for (let i = 0; i < actual.length; i++) {
    const a = actual[i] as number;
    const p = predicted[i] as number;
    if (!isClass(a) || !isClass(p)) throw new RangeError(`row ${i} has a class that is not one of the ${classes}`);
    cells[a * classes + p] = (cells[a * classes + p] as number) + 1;
  }
  return Array.from({ length: classes }, (_, row) => Array.from(cells.subarray(row * classes, (row + 1) * classes)));
}

/** Precision, recall and F1 of one class or an average of them. A share of nothing is 0, as in scikit-learn. */
export type ClassScores = { readonly precision: number; readonly recall: number; readonly f1: number };

export type ClassificationScores = {
  readonly n: number;
  readonly accuracy: number;
  /** In the order of the matrix; `support` = rows whose outcome is this class. */
  readonly perClass: readonly (ClassScores & { readonly support: number })[];
  /** Unweighted mean over the classes that occur as outcome or prediction. */
  readonly macro: ClassScores;
  /** Of all rows together: with one class per row each of the three is the accuracy. */
  readonly micro: ClassScores;
  /** Mean weighted by support. */
  readonly weighted: ClassScores;
};

/**
 * Accuracy, precision, recall and F1 from a confusion matrix, equal to scikit-learn's `precision_recall_fscore_support` per class, macro, micro
 * and weighted. For two classes the usual "binary" scores are `perClass[1]`. RangeError for an empty matrix.
 */
export function classificationScores(matrix: ConfusionMatrix): ClassificationScores {
  const predicted = matrix.map((_, column) => sum(matrix.map((row) => row[column] ?? 0)));
  const support = matrix.map(sum);
  const n = sum(support);
  if (n === 0) throw new RangeError("scores need at least one row");
  const perClass = matrix.map((row, i) => {
    const hits = row[i] ?? 0;
    const claimed = predicted[i] ?? 0;
    const real = support[i] ?? 0;
    return {
      precision: claimed === 0 ? 0 : hits / claimed,
      recall: real === 0 ? 0 : hits / real,
      f1: claimed + real === 0 ? 0 : (2 * hits) / (claimed + real),
      support: real,
    };
  });
  const accuracy = sum(matrix.map((row, i) => row[i] ?? 0)) / n;
  const present = perClass.filter((scores, i) => scores.support + (predicted[i] ?? 0) > 0);
  return {
    n,
    accuracy,
    perClass,
    micro: { precision: accuracy, recall: accuracy, f1: accuracy },
    macro: average(present, () => 1 / present.length),
    weighted: average(perClass, (scores) => scores.support / n),
  };
}

function average<S extends ClassScores>(all: readonly S[], weight: (scores: S) => number): ClassScores {
  return {
    precision: sum(all.map((scores) => scores.precision * weight(scores))),
    recall: sum(all.map((scores) => scores.recall * weight(scores))),
    f1: sum(all.map((scores) => scores.f1 * weight(scores))),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

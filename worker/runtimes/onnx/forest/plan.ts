/** How the sums of a forest become its outputs. */
export type ForestOutput =
  /** [rows, targets]: the sums, divided by `divisor`, plus `base`. */
  | { readonly kind: "values"; readonly name: string; readonly divisor: number; readonly base: Float32Array | null }
  /** A class per row, and [rows, classes]. `binary`: one sum, that of the second class; the first class has the rest of 1. */
  | {
      readonly kind: "classes";
      readonly label: string;
      readonly probabilities: string;
      readonly classes: readonly string[] | BigInt64Array;
      readonly binary: boolean;
    };

/**
 * A forest as arrays that a row walks through without a branch. A node is four 32-bit words of `nodes`: the place of its value in a row, its threshold
 * (a float), the word at which its first child stands, and where its sums stand in `leaves`. The second child follows the first. A row goes on to the
 * second when its value is at most the threshold, and otherwise, also when it is NaN, to the first. A leaf is its own first child, and its threshold is NaN.
 */
export interface ForestPlan {
  readonly input: string;
  /** Values per row. */
  readonly width: number;
  /** Whether places from `width` on mean the negated values: v > t is −v < −t. */
  readonly mirrored: boolean;
  readonly nodes: Int32Array<ArrayBuffer>;
  /** The word at which each tree begins. */
  readonly roots: Int32Array<ArrayBuffer>;
  /** The steps from each tree's root to its lowest leaf. */
  readonly depths: Int32Array<ArrayBuffer>;
  /** Sums per tree: one per target of a regression or class, one of a binary forest. */
  readonly targets: number;
  readonly leaves: Float32Array<ArrayBuffer>;
  readonly output: ForestOutput;
}

/** Words per node. */
export const STRIDE = 4;

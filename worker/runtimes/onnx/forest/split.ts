/** How a row goes on at an inner node: to the second child when its value (`negated`: times −1) is at most the threshold, else, also for NaN, to the first. */
export interface Split {
  readonly negated: boolean;
  readonly threshold: number;
  /** The child that comes second. */
  readonly second: "true" | "false";
}

type Comparison = "LEQ" | "LT" | "GT" | "GTE";
const COMPARISONS: ReadonlyMap<string, Comparison> = new Map([
  ["BRANCH_LEQ", "LEQ"],
  ["BRANCH_LT", "LT"],
  ["BRANCH_GT", "GT"],
  ["BRANCH_GTE", "GTE"],
]);
const OPPOSITE = { LEQ: "GT", LT: "GTE", GT: "LEQ", GTE: "LT" } as const satisfies Record<Comparison, Comparison>;

/**
 * Writes a comparison of float32 values with "at most" alone: between two neighbouring floats there is none, so v < t is v ≤ the float below t.
 *
 * @param missingTrue whether NaN goes where the comparison holds.
 * @returns null for a mode that is no comparison of order, and for a threshold that is NaN.
 */
export function splitOf(mode: string, threshold: number, missingTrue: boolean): Split | null {
  const holds = COMPARISONS.get(mode);
  if (holds === undefined || Number.isNaN(threshold)) return null;
  return missingTrue
    ? { ...atMost(OPPOSITE[holds], threshold), second: "false" }
    : { ...atMost(holds, threshold), second: "true" };
}

function atMost(comparison: Comparison, threshold: number): Omit<Split, "second"> {
  switch (comparison) {
    case "LEQ":
      return { negated: false, threshold };
    case "LT":
      return { negated: false, threshold: -floatAbove(-threshold) };
    case "GT":
      return { negated: true, threshold: -floatAbove(threshold) };
    case "GTE":
      return { negated: true, threshold: -threshold };
  }
}

const bits = new DataView(new ArrayBuffer(4));

/** The smallest float32 above a float32; NaN above infinity, which no value is at most. */
export function floatAbove(value: number): number {
  // The floats of one sign stand in the order of their bits; both zeros have the least positive one above them.
  bits.setFloat32(0, value === 0 ? 0 : value);
  bits.setInt32(0, bits.getInt32(0) + (value < 0 ? -1 : 1));
  return bits.getFloat32(0);
}

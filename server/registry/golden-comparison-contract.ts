import type { Golden, GoldenCheck, GoldenWorst } from "./golden-contract.ts";

/** What is compared; where it comes from does not matter. */
export type GoldenRows = Pick<Golden, "rows" | "inputs" | "outputs" | "tolerance">;
/** What a model gave for the golden rows, by output, row by row. */
export type GoldenAnswers = Readonly<Record<string, ArrayLike<number | string | bigint>>>;

interface Meaning {
  readonly classes: readonly string[] | null;
  readonly positive: string | null;
  readonly roles: {
    readonly label?: string | undefined;
    readonly probabilities?: string | undefined;
    readonly value?: string | undefined;
  };
}
type Expected = Golden["outputs"][string];

/**
 * Compares a model's answers with golden rows. Numbers agree as numpy.allclose has it; texts and classes must be equal, but a class may differ
 * where the framework itself found the two equally probable within the tolerance: there the choice is one of rounding, in either.
 *
 * @throws RangeError when an output has not one entry per row, or another number of values than the golden rows.
 */
export function compareGolden(
  golden: GoldenRows,
  signature: Meaning,
  answers: GoldenAnswers,
): Omit<GoldenCheck, "checkedAt"> {
  let worst: (GoldenWorst & { readonly excess: number }) | null = null;
  let ties = 0;
  for (const [output, stated] of Object.entries(golden.outputs)) {
    const got = answers[output];
    if (!got || got.length % golden.rows !== 0)
      throw new RangeError(`the output '${output}' has ${got?.length ?? 0} values for ${golden.rows} rows`);
    const expected = fitted(output, stated, golden.rows, got.length, signature);
    const width = got.length / golden.rows;
    for (let i = 0; i < got.length; i += 1) {
      const isLabel = output === signature.roles.label;
      const found = compare(expected[i], got[i], isLabel ? null : golden.tolerance);
      const row = Math.floor(i / width);
      if (found.excess > 1 && isLabel && isTie(golden, signature, row, got[i])) {
        ties += 1;
        continue;
      }
      if (worst && found.excess <= worst.excess) continue;
      worst = { row, output, index: width === 1 ? null : i % width, ...found, inputs: inputsOf(golden, row) };
    }
  }
  const { excess = 0, ...shown } = worst ?? {};
  return {
    state: excess > 1 ? "disagrees" : "agrees",
    rows: golden.rows,
    ties,
    worst: worst ? (shown as GoldenWorst) : null,
    reason: null,
  };
}

/** A classifier that gives the positive class alone is compared with that column of both: predict_proba always gives two. */
function fitted(output: string, stated: Expected, rows: number, length: number, { roles, classes, positive }: Meaning) {
  if (stated.length === length) return stated;
  if (output === roles.probabilities && length === rows && stated.length === 2 * rows && classes?.length === 2) {
    const column = positive === classes[0] ? 0 : 1;
    return Array.from({ length: rows }, (_, row) => stated[2 * row + column] ?? Number.NaN);
  }
  throw new RangeError(
    `the output '${output}' has ${length / rows} values per row, the golden rows have ${stated.length / rows}`,
  );
}

/** `excess` is the difference in units of what is allowed: above 1 the two disagree. Without a tolerance numbers are names, as of classes. */
function compare(expected: unknown, got: unknown, tolerance: Golden["tolerance"] | null) {
  const value = typeof got === "bigint" ? Number(got) : got;
  if (tolerance && typeof value === "number" && typeof expected === "number") {
    const allowed = tolerance.absolute + tolerance.relative * Math.abs(expected);
    const difference = Math.abs(value - expected);
    // NaN is a disagreement of its own: no comparison with it is true.
    if (!Number.isFinite(difference))
      return { expected, got: String(value), difference: null, allowed: null, excess: Number.POSITIVE_INFINITY };
    const excess = difference === 0 ? 0 : allowed === 0 ? Number.POSITIVE_INFINITY : difference / allowed;
    return { expected, got: value, difference, allowed, excess };
  }
  const same = wordOf(expected) === wordOf(value);
  return {
    expected: expected as string,
    got: value as string,
    difference: null,
    allowed: null,
    excess: same ? 0 : Number.POSITIVE_INFINITY,
  };
}

/** Classes are compared as words: 1, "1" and 1.0 are one class; a truth value is what runtimes make of it. */
function wordOf(value: unknown): string {
  return typeof value === "boolean" ? (value ? "1" : "0") : String(value);
}

/** Whether the framework found the given class as probable as the likeliest one, within the tolerance. */
function isTie(golden: GoldenRows, { roles, classes, positive }: Meaning, row: number, label: unknown): boolean {
  const all = roles.probabilities === undefined ? undefined : golden.outputs[roles.probabilities];
  const width = (all?.length ?? 0) / golden.rows;
  if (!all || !classes) return false;
  const given = Array.from(all.slice(row * width, (row + 1) * width), Number);
  const [p = Number.NaN] = given;
  // One column is the probability of the positive class, of the last one where none is stated.
  const chances = width === 1 && classes.length === 2 ? (positive === classes[0] ? [p, 1 - p] : [1 - p, p]) : given;
  const mine = chances[classes.indexOf(wordOf(label))];
  const top = Math.max(...chances);
  return mine !== undefined && top - mine <= golden.tolerance.absolute + golden.tolerance.relative * top;
}

function inputsOf(golden: GoldenRows, row: number): GoldenWorst["inputs"] {
  return Object.fromEntries(
    Object.entries(golden.inputs).map(([name, values]) => {
      const width = values.length / golden.rows;
      return [name, width === 1 ? (values[row] ?? null) : values.slice(row * width, (row + 1) * width)];
    }),
  );
}

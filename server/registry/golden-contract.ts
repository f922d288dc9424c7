import { z } from "zod";

/** A value of a golden row; null is a missing number. */
export type GoldenScalar = number | string | boolean | null;

/** Rows that a version may carry, and values in all of them together: enough to show a difference, little enough to be compared at every load. */
export const GOLDEN_ROWS = 1000;
export const GOLDEN_VALUES = 20_000;
/** The widest tolerance that may be stated: what agrees within more proves nothing. */
export const WIDEST_TOLERANCE = 0.01;

function isScalars(value: unknown, allowsNull: boolean): boolean {
  return (
    Array.isArray(value) &&
    value.every((v) => ["number", "string", "boolean"].includes(typeof v) || (v === null && allowsNull))
  );
}
// One pass each: these lists are read by the serving process, and a schema per value would take milliseconds there.
const Inputs = z.custom<readonly GoldenScalar[]>((value) => isScalars(value, true), "must be a list of values");
const Outputs = z.custom<readonly (number | string | boolean)[]>(
  (value) => isScalars(value, false),
  "must be a list of values",
);

/** Two numbers agree when |got − expected| ≤ absolute + relative · |expected|, as numpy.allclose has it. */
export const GoldenTolerance = z.object({
  absolute: z.number().min(0).max(WIDEST_TOLERANCE, `may be ${WIDEST_TOLERANCE} at most`).default(1e-5),
  relative: z.number().min(0).max(WIDEST_TOLERANCE, `may be ${WIDEST_TOLERANCE} at most`).default(1e-5),
});
export type GoldenTolerance = z.infer<typeof GoldenTolerance>;

/**
 * Golden rows: inputs of a model by name with the outputs that the training framework itself gave, each row by row in one flat list
 * (`rows` × values per row).
 */
export const Golden = z.object({
  rows: z.number().int().min(1).max(GOLDEN_ROWS),
  inputs: z.record(z.string(), Inputs),
  outputs: z.record(z.string(), Outputs),
  tolerance: GoldenTolerance,
  /** What computed the outputs, as the script says ("scikit-learn 1.7.2"); null when it does not. */
  framework: z.string().nullable(),
  /** The file they were taken from, for people: "touchstone/golden.json of the run". */
  source: z.string(),
});
export type Golden = z.infer<typeof Golden>;

const Shown = z.union([z.number(), z.string(), z.boolean(), z.null()]);

/** One value of a golden row that the model's file answers otherwise, with all that is needed to look into it. */
export const GoldenWorst = z.object({
  /** From 0. */
  row: z.number().int(),
  output: z.string(),
  /** Place within the output's row, such as the class; null for an output of one value per row. */
  index: z.number().int().nullable(),
  expected: Shown,
  /** A number that JSON has no word for is written as text: NaN, Infinity. */
  got: Shown,
  /** null between texts, and for what is no number. */
  difference: z.number().nullable(),
  /** The difference that the tolerance allows here; null between texts. */
  allowed: z.number().nullable(),
  inputs: z.record(z.string(), z.union([Shown, z.array(Shown)])),
});
export type GoldenWorst = z.infer<typeof GoldenWorst>;

/** How a model's file answered the golden rows. */
export const GoldenCheck = z.object({
  /** failed: the file could not be run on them. */
  state: z.enum(["agrees", "disagrees", "failed"]),
  rows: z.number().int(),
  /** Rows of another label whose two classes are equally probable within the tolerance: no disagreement. */
  ties: z.number().int(),
  /** The value that came nearest to its limit, or crossed it furthest; null when there is nothing to compare. */
  worst: GoldenWorst.nullable(),
  /** Why it failed. */
  reason: z.string().nullable(),
  checkedAt: z.iso.datetime(),
});
export type GoldenCheck = z.infer<typeof GoldenCheck>;

/**
 * Golden rows as a version shows them, and as they stand beside the rows themselves: lists of versions need not read those. `check` is null while
 * the comparison waits.
 */
export const GoldenSummary = z.object({
  rows: z.number().int(),
  inputs: z.array(z.string()),
  outputs: z.array(z.string()),
  tolerance: GoldenTolerance,
  framework: z.string().nullable(),
  source: z.string(),
  /** Of the canonical JSON of the rows: part of what an approval is bound to. */
  sha256: z.string(),
  check: GoldenCheck.nullable(),
});
export type GoldenSummary = z.infer<typeof GoldenSummary>;

const MOST_INPUTS = 6;
const text = (value: unknown): string => (typeof value === "string" ? JSON.stringify(value) : String(value));
const short = (value: number): string => String(Number(value.toPrecision(4)));

/** The disagreement in one sentence, for a person who has nothing else before them. */
export function worstSentence(worst: GoldenWorst, rows: number): string {
  const { row, output, index, expected, got, difference, allowed, inputs } = worst;
  const place = index === null ? output : `${output}[${index}]`;
  const apart =
    difference === null || allowed === null ? "" : ` (${short(difference)} apart, ${short(allowed)} allowed)`;
  const given = Object.entries(inputs).map(
    ([name, value]) => `${name} = ${Array.isArray(value) ? `[${value.map(text).join(", ")}]` : text(value)}`,
  );
  const more = given.length > MOST_INPUTS ? ` and ${given.length - MOST_INPUTS} more` : "";
  return `Golden row ${row + 1} of ${rows}: the file gives ${place} = ${text(got)}, the training framework gave ${text(expected)}${apart}. Inputs: ${given.slice(0, MOST_INPUTS).join(", ")}${more}.`;
}

/** What golden rows keep a version from, in words for its list of what is missing; empty when nothing. */
export function goldenReasons(golden: GoldenSummary | null): string[] {
  if (!golden) return [];
  const { check } = golden;
  if (!check) return ["Its golden rows are being compared with the file; that takes a few seconds."];
  if (check.state === "agrees") return [];
  if (check.state === "failed" || !check.worst)
    return [`Its golden rows could not be compared with the file: ${check.reason ?? "nothing was compared."}`];
  return [`Its file does not answer as the training framework did. ${worstSentence(check.worst, check.rows)}`];
}

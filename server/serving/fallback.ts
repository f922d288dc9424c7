import { type Datatype, type ModelSignature, rowWidth, type TensorSignature } from "#server/registry/contract.ts";
import type { Fallback } from "./arms-contract.ts";

export interface WrongFallback {
  readonly field: string;
  readonly value: unknown;
  readonly message: string;
}

const WHOLE = /^(U?)INT(\d+)$/;
/** How far from 1 declared probabilities may add up: they are typed by hand, a third as 0.33. */
const ROUNDING = 0.011;

/** What of a declared answer a model with this signature could not give for one row: each value, or the output where it is as a whole. */
export function wrongInFallback(
  fallback: Fallback,
  signature: Pick<ModelSignature, "outputs" | "classes" | "roles">,
): readonly WrongFallback[] {
  const { outputs } = signature;
  const gives = outputs.map(({ name }) => `'${name}'`).join(", ");
  const unknown = Object.keys(fallback).filter((name) => !outputs.some((output) => output.name === name));
  return [
    ...unknown.map((name) => ({
      field: `fallback.${name}`,
      value: fallback[name],
      message: `the champion has no such output; it gives ${gives}`,
    })),
    ...outputs.flatMap((output): readonly WrongFallback[] => {
      const given = fallback[output.name];
      const field = `fallback.${output.name}`;
      if (given === undefined) return [{ field, value: null, message: `it is missing; the champion gives ${gives}` }];
      return wrongInOutput(output, given, signature);
    }),
  ];
}

function wrongInOutput(
  output: TensorSignature,
  given: NonNullable<Fallback[string]>,
  { classes, roles }: Pick<ModelSignature, "classes" | "roles">,
): readonly WrongFallback[] {
  const field = `fallback.${output.name}`;
  const values = Array.isArray(given) ? given : [given];
  const whole = (message: string): WrongFallback[] => [{ field, value: given, message }];
  const isOpen = output.shape.slice(1).some((d) => d < 0);
  // Probabilities may leave their width open: there is one for each class.
  const width =
    isOpen && output.name === roles.probabilities ? (classes?.length ?? null) : isOpen ? null : rowWidth(output);
  if (width !== null && values.length !== width)
    return whole(`${width} value${width === 1 ? "" : "s"} for a row, not ${values.length}`);
  const bad = values.flatMap((value, i) =>
    fits(value, output.datatype)
      ? []
      : [
          {
            field: Array.isArray(given) ? `${field}[${i}]` : field,
            value,
            message: `${wordOf(output.datatype)} is expected (${output.datatype})`,
          },
        ],
  );
  if (bad.length > 0) return bad;
  if (output.name === roles.label && classes && !classes.includes(String(values[0])))
    return whole(`one of the classes ${classes.join(", ")}`);
  const message = output.name === roles.probabilities && classes ? whyNoProbabilities(values.map(Number)) : null;
  return message === null ? [] : whole(message);
}

function whyNoProbabilities(values: readonly number[]): string | null {
  if (values.some((value) => value < 0 || value > 1)) return "a probability lies from 0 to 1";
  const sum = values.reduce((all, value) => all + value, 0);
  // One value alone is that of the positive class.
  if (values.length === 1 || Math.abs(sum - 1) <= ROUNDING) return null;
  return `the probabilities of all classes add up to 1; these to ${Number(sum.toPrecision(4))}`;
}

function fits(value: unknown, datatype: Datatype): boolean {
  if (datatype === "BYTES") return typeof value === "string";
  if (datatype === "BOOL") return typeof value === "boolean";
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  const whole = WHOLE.exec(datatype);
  if (!whole) return true;
  const [, isUnsigned, bits] = whole;
  const most = 2 ** (Number(bits) - (isUnsigned ? 0 : 1)) - 1;
  return Number.isSafeInteger(value) && value >= (isUnsigned ? 0 : -most - 1) && value <= most;
}

function wordOf(datatype: Datatype): string {
  if (datatype === "BYTES") return "a text";
  if (datatype === "BOOL") return "true or false";
  return WHOLE.test(datatype) ? `a whole number that ${datatype} can hold` : "a number";
}

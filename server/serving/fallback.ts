import { type Datatype, type ModelSignature, rowWidth } from "#server/registry/contract.ts";
import type { Fallback } from "./arms-contract.ts";

export interface WrongFallback {
  readonly field: string;
  readonly value: unknown;
  readonly message: string;
}

const WHOLE = /^U?INT/;

/** What of a declared answer a model with this signature could not give for one row; null when it could. */
export function whyNoFallback(
  fallback: Fallback,
  signature: Pick<ModelSignature, "outputs" | "classes" | "roles">,
): WrongFallback | null {
  const { outputs, classes, roles } = signature;
  const gives = outputs.map((output) => `'${output.name}'`).join(", ");
  for (const name of Object.keys(fallback))
    if (!outputs.some((output) => output.name === name))
      return {
        field: `fallback.${name}`,
        value: fallback[name],
        message: `the champion has no such output; it gives ${gives}`,
      };
  for (const output of outputs) {
    const field = `fallback.${output.name}`;
    const given = fallback[output.name];
    if (given === undefined) return { field, value: null, message: `it is missing; the champion gives ${gives}` };
    const values = Array.isArray(given) ? given : [given];
    const isOpen = output.shape.slice(1).some((d) => d < 0);
    // Probabilities may leave their width open: there is one for each class.
    const width =
      isOpen && output.name === roles.probabilities ? (classes?.length ?? null) : isOpen ? null : rowWidth(output);
    if (width !== null && values.length !== width)
      return {
        field,
        value: given,
        message: `${width} value${width === 1 ? "" : "s"} for a row, not ${values.length}`,
      };
    const bad = values.findIndex((value) => !fits(value, output.datatype));
    if (bad >= 0)
      return {
        field: Array.isArray(given) ? `${field}[${bad}]` : field,
        value: values[bad],
        message: `${wordOf(output.datatype)} is expected (${output.datatype})`,
      };
    if (output.name === roles.label && classes && !classes.includes(String(values[0])))
      return { field, value: given, message: `one of the classes ${classes.join(", ")}` };
  }
  return null;
}

function fits(value: unknown, datatype: Datatype): boolean {
  if (datatype === "BYTES") return typeof value === "string";
  if (datatype === "BOOL") return typeof value === "boolean";
  if (typeof value !== "number" || !Number.isFinite(value)) return false;
  return !WHOLE.test(datatype) || (Number.isSafeInteger(value) && (value >= 0 || datatype.startsWith("INT")));
}

function wordOf(datatype: Datatype): string {
  if (datatype === "BYTES") return "a text";
  if (datatype === "BOOL") return "true or false";
  return WHOLE.test(datatype) ? "a whole number" : "a number";
}

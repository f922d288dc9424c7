import type { GateResult } from "./contract.ts";
import type { Bound, GateSpec, Scalar } from "./spec.ts";

function boundValue(bound: Bound | null, params: Readonly<Record<string, Scalar>>): number | null {
  if (bound === null) return null;
  const value = typeof bound === "number" ? bound : params[bound.param];
  if (typeof value !== "number" || !Number.isFinite(value))
    throw new Error("a bound of the gate is not a finite number");
  return value;
}

function lookUp(document: unknown, key: string): unknown {
  let value = document;
  for (const part of key.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/**
 * Decides a gate: passes when the number at `metric` (dots descend) is at least `min` and at most `max`, both inclusive. What is missing, is no number or
 * is not finite fails. `content` is the text of the JSON output, `path` its declared path for the sentence.
 */
export function evaluateGate(
  gate: GateSpec,
  options: { content: string; path: string; params: Readonly<Record<string, Scalar>> },
): GateResult {
  const min = boundValue(gate.min, options.params);
  const max = boundValue(gate.max, options.params);
  const { metric } = gate;
  const bounds = [min === null ? "" : `at least ${min} is asked`, max === null ? "" : `at most ${max} is allowed`];
  const rule = bounds.filter(Boolean).join(", ");
  const verdict = (passed: boolean, value: number | null, found: string): GateResult => ({
    passed,
    metric,
    value,
    min,
    max,
    text: `${found}; ${rule} (${options.path})`,
  });
  let document: unknown;
  try {
    document = JSON.parse(options.content);
  } catch {
    return verdict(false, null, `${metric} cannot be read, as the file is not JSON`);
  }
  const value = lookUp(document, metric);
  if (value === undefined) return verdict(false, null, `${metric} is missing`);
  if (typeof value !== "number" || !Number.isFinite(value))
    return verdict(false, null, `${metric} is ${JSON.stringify(value)}, not a number`);
  const passes = (x: number) => (min === null || x >= min) && (max === null || x <= max);
  const passed = passes(value);
  // Six digits are enough to read, unless they would tell another story than the number itself.
  const short = Number(value.toPrecision(6));
  return verdict(passed, value, `${metric} is ${passes(short) === passed ? short : value}`);
}

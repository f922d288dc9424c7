import { z } from "zod";
import { AppError } from "#server/kernel/errors.ts";
import { Golden, GOLDEN_ROWS, GOLDEN_VALUES, type GoldenScalar, GoldenTolerance } from "./golden-contract.ts";
import { type ModelSignature, rowWidth, type TensorSignature } from "./signature.ts";

/** Largest golden file that is read. */
export const GOLDEN_BYTES = 1_000_000;

const File = z.object({
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()),
  tolerance: GoldenTolerance.prefault({}),
  framework: z.string().max(200).nullable().default(null),
});

interface Texts {
  readonly golden: string;
  /** MLflow's serving_input_example.json: the inputs of a golden file that has none of its own. */
  readonly example: string | null;
  /** What the golden file is called in errors and on the page. */
  readonly source: string;
}

/**
 * Reads golden rows from a file that a training script logged, and fits them to the model's signature: every input by its name with values of its
 * type, outputs by name or by their meaning (label, probabilities, value). Lists may be flat or nested.
 *
 * @throws AppError `invalid_input` naming the place in the file, what stands there and what belongs there.
 */
export function readGolden({ golden, example, source }: Texts, signature: ModelSignature): Golden {
  const parsed = File.safeParse(jsonOf(golden, source));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refuse(source, issue?.path.map(String).join(".") ?? "", issue?.message ?? "is wrong");
  }
  const { outputs, tolerance, framework } = parsed.data;
  const given = parsed.data.inputs ?? (example === null ? null : exampleInputs(example));
  if (!given)
    throw refuse(
      source,
      "inputs",
      "is missing, and no MLflow input example stands beside the model to take them from",
      'Write {"inputs": {"column": [values…]}, "outputs": {"probabilities": [[…]…]}}.',
    );
  const rows = rowsOf(given, source);
  const fitted = inputsOf(given, signature, rows, source);
  const stated = outputsOf(outputs, signature, rows, source);
  const values = [...Object.values(fitted), ...Object.values(stated)].reduce((n, list) => n + list.length, 0);
  if (values > GOLDEN_VALUES)
    throw refuse(source, "inputs", `with outputs holds ${values} values, at most ${GOLDEN_VALUES} are kept`, FEWER);
  return Golden.parse({ rows, inputs: fitted, outputs: stated, tolerance, framework, source });
}

const FEWER = "Log fewer rows: the ordinary, the extreme and the missing ones are enough.";

function refuse(source: string, place: string, what: string, remedy?: string): AppError {
  return new AppError(
    "invalid_input",
    `The golden rows in ${source} are wrong: ${place ? `'${place}' ` : ""}${what}.`,
    {
      field: place === "" ? "golden" : `golden.${place}`,
      remedy: remedy ?? "See “Golden rows” in the guide for data scientists; log the file again and register again.",
    },
  );
}

function jsonOf(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse(source, "", "the file is not JSON; NaN and Infinity are none", "Write null for a missing number.");
  }
}

/** The first input says how many rows there are: one entry of its list each. */
function rowsOf(inputs: Readonly<Record<string, unknown>>, source: string): number {
  const [first] = Object.entries(inputs);
  if (!first) throw refuse(source, "inputs", "names no input");
  const [name, list] = first;
  if (!Array.isArray(list) || list.length === 0)
    throw refuse(source, `inputs.${name}`, "must be a list with one entry per row, and one row at least");
  if (list.length > GOLDEN_ROWS)
    throw refuse(source, `inputs.${name}`, `has ${list.length} rows, at most ${GOLDEN_ROWS} are kept`, FEWER);
  return list.length;
}

function inputsOf(
  given: Readonly<Record<string, unknown>>,
  { inputs }: ModelSignature,
  rows: number,
  source: string,
): Record<string, GoldenScalar[]> {
  const takes = inputs.map((t) => t.name).join(", ");
  const unknown = Object.keys(given).find((name) => !inputs.some((t) => t.name === name));
  if (unknown !== undefined)
    throw refuse(source, `inputs.${unknown}`, `is no input of the model, which takes ${takes}`);
  return Object.fromEntries(
    inputs.map((tensor) => {
      const place = `inputs.${tensor.name}`;
      const list = given[tensor.name];
      if (list === undefined) throw refuse(source, place, `is missing; the model takes ${takes}`);
      const values = flat(list, rows, rowWidth(tensor), place, source);
      values.forEach((value, i) => {
        const what = misfit(value, tensor);
        if (what) throw refuse(source, `${place}[${Math.floor(i / rowWidth(tensor))}]`, what);
      });
      return [tensor.name, values];
    }),
  );
}

/** Why a value cannot be given to an input; null when it can. */
function misfit(value: unknown, { datatype }: TensorSignature): string | null {
  const shown = JSON.stringify(value);
  if (datatype === "BYTES")
    return typeof value === "string" ? null : `is ${shown}; the model takes text here, "" where it is missing`;
  if (datatype === "BOOL") return typeof value === "boolean" ? null : `is ${shown}; the model takes true or false here`;
  const isFloat = datatype.startsWith("FP") || datatype === "BF16";
  if (value === null)
    return isFloat ? null : `is null; the model takes ${datatype} here, which has no word for a missing number`;
  if (typeof value !== "number") return `is ${shown}; the model takes a number (${datatype}) here`;
  return isFloat || Number.isInteger(value) ? null : `is ${shown}; the model takes ${datatype} here`;
}

function outputsOf(
  stated: Readonly<Record<string, unknown>>,
  { outputs, roles }: ModelSignature,
  rows: number,
  source: string,
): Record<string, (number | string | boolean)[]> {
  const gives = outputs.map((t) => t.name);
  const found: Record<string, (number | string | boolean)[]> = {};
  for (const [word, list] of Object.entries(stated)) {
    const meant = ["label", "probabilities", "value"].includes(word) ? roles[word as keyof typeof roles] : undefined;
    const name = gives.includes(word) ? word : meant;
    if (name === undefined)
      throw refuse(source, `outputs.${word}`, `is no output of the model, which gives ${gives.join(", ")}`);
    if (name in found) throw refuse(source, `outputs.${word}`, `states the output '${name}' a second time`);
    const values = flat(list, rows, null, `outputs.${word}`, source);
    values.forEach((value, i) => {
      if (value === null || !["number", "string", "boolean"].includes(typeof value))
        throw refuse(
          source,
          `outputs.${word}[${Math.floor((i * rows) / values.length)}]`,
          `is ${JSON.stringify(value)}`,
        );
    });
    found[name] = values as (number | string | boolean)[];
  }
  if (Object.keys(found).length === 0)
    throw refuse(source, "outputs", `names no output; the model gives ${gives.join(", ")}`);
  return found;
}

/** All values of a list, row by row. `width` null: whatever each row has, if all have as many. */
function flat(list: unknown, rows: number, width: number | null, place: string, source: string): GoldenScalar[] {
  if (!Array.isArray(list) || (list.length !== rows && !(width !== null && width > 1 && list.length === rows * width)))
    throw refuse(source, place, `has ${Array.isArray(list) ? list.length : "no list of"} entries for ${rows} rows`);
  const parts = list.map((entry: unknown) => (Array.isArray(entry) ? (entry.flat(8) as unknown[]) : [entry]));
  const values = parts.flat() as GoldenScalar[];
  const wanted = width ?? parts[0]?.length ?? 0;
  const odd = list.length === rows ? parts.findIndex((part) => part.length !== wanted) : -1;
  if (odd >= 0 || values.length !== rows * wanted || wanted === 0)
    throw refuse(source, `${place}[${Math.max(0, odd)}]`, `has ${parts[odd]?.length ?? 0} values instead of ${wanted}`);
  return values;
}

const Example = z.union([
  z.object({ dataframe_split: z.object({ columns: z.array(z.string()), data: z.array(z.array(z.unknown())) }) }),
  z.object({ inputs: z.record(z.string(), z.array(z.unknown())) }),
]);

/** The inputs of MLflow's serving_input_example.json, by column. */
function exampleInputs(text: string): Record<string, unknown> {
  const source = "serving_input_example.json";
  const example = Example.safeParse(jsonOf(text, source));
  if (!example.success)
    throw refuse(source, "", "its columns have no names; log the input example as a DataFrame or a dict of columns");
  if ("inputs" in example.data) return example.data.inputs;
  const { columns, data } = example.data.dataframe_split;
  return Object.fromEntries(columns.map((name, i) => [name, data.map((row) => row[i] ?? null)]));
}

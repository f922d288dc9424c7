import { AppError, isAppError, messageOf } from "#server/kernel/errors.ts";
import type { Columns, RuntimeSignature, TableScores } from "#server/platform/runtimes.ts";
import { feedsOf, planFeeds } from "./columns.ts";
import type { ModelSession } from "./session.ts";
import type { Feed, Outputs, TensorData } from "./tensors.ts";

/** Rows per run: large enough that the fixed cost of a run vanishes, small enough that one run stays within milliseconds. */
const CHUNK = 1024;

/** The outputs that have a meaning; only these are computed. */
export function wantedOutputs(signature: RuntimeSignature): string[] {
  const { label, probabilities, value } = signature.roles;
  const wanted = [label, probabilities, value].filter((name) => name !== undefined);
  return wanted.length > 0 ? wanted : signature.outputs.map((output) => output.name);
}

/** Scores all rows in chunks. See LoadedModel.scoreTable for its contract. */
export async function scoreTable(
  session: Pick<ModelSession, "run">,
  signature: RuntimeSignature,
  columns: Columns,
  rows: number,
): Promise<TableScores> {
  const plan = planFeeds(signature, columns, rows);
  const wanted = wantedOutputs(signature);
  const parts: TableScores[] = [];
  for (let from = 0; from < rows; from += CHUNK) {
    const to = Math.min(from + CHUNK, rows);
    parts.push(readScores(await run(session, feedsOf(plan, from, to), wanted), signature, to - from));
  }
  return join(parts, signature);
}

async function run(session: Pick<ModelSession, "run">, feeds: Feed[], wanted: string[]): Promise<Outputs> {
  try {
    return await session.run(feeds, wanted);
  } catch (cause) {
    if (isAppError(cause)) throw cause;
    const remedy = "Look for values that the model was not trained on, such as an unknown category.";
    throw new AppError("invalid_input", `The model failed on the data: ${messageOf(cause)}`, {
      field: "model",
      remedy,
      cause,
    });
  }
}

/** What the outputs of one run mean. Throws a RangeError when an output has not one entry per row. */
export function readScores(outputs: Outputs, signature: RuntimeSignature, rows: number): TableScores {
  const { roles, classes } = signature;
  const read = (name: string | undefined) => {
    const output = name === undefined ? undefined : outputs[name];
    if (output && output.data.length % rows !== 0)
      throw new RangeError(`the output '${name}' has ${output.data.length} values for ${rows} rows`);
    return output?.data;
  };
  const probabilities = toProbabilities(read(roles.probabilities), signature, rows);
  const labels = toTexts(read(roles.label)) ?? mostLikely(probabilities, classes, rows);
  const values = toNumbers(read(roles.value));
  return { labels, probabilities, classes, values };
}

/** A single column is the probability of the positive class (of the last one, where none is stated): the other is its complement. */
function toProbabilities(data: TensorData | undefined, signature: RuntimeSignature, rows: number): Float64Array | null {
  const given = toNumbers(data);
  const { classes, positive } = signature;
  if (!given || given.length !== rows || classes?.length !== 2) return given;
  const at = positive === classes[0] ? 0 : 1;
  return Float64Array.from({ length: rows * 2 }, (_, i) => {
    const p = given[i >> 1] ?? Number.NaN;
    return i % 2 === at ? p : 1 - p;
  });
}

function mostLikely(
  probabilities: Float64Array | null,
  classes: readonly string[] | null,
  rows: number,
): string[] | null {
  if (!probabilities || !classes) return null;
  const width = classes.length;
  return Array.from({ length: rows }, (_, row) => {
    const mine = probabilities.subarray(row * width, (row + 1) * width);
    return classes[mine.indexOf(Math.max(...mine))] ?? "";
  });
}

function toTexts(data: TensorData | undefined): string[] | null {
  return data ? Array.from(data, String) : null;
}

function toNumbers(data: TensorData | undefined): Float64Array | null {
  if (!data || Array.isArray(data)) return null;
  const isBig = data instanceof BigInt64Array || data instanceof BigUint64Array;
  return isBig ? Float64Array.from(data, Number) : new Float64Array(data);
}

function join(parts: TableScores[], signature: RuntimeSignature): TableScores {
  const numbers = (pick: (part: TableScores) => Float64Array | null) => {
    const found = parts.map(pick).filter((part) => part !== null);
    if (found.length < parts.length || parts.length === 0) return null;
    const all = new Float64Array(found.reduce((n, part) => n + part.length, 0));
    let at = 0;
    for (const part of found) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  };
  return {
    labels: parts.some((part) => part.labels === null) ? null : parts.flatMap((part) => part.labels ?? []),
    probabilities: numbers((part) => part.probabilities),
    classes: signature.classes,
    values: numbers((part) => part.values),
  };
}

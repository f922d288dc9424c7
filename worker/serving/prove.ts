import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError } from "#server/kernel/errors.ts";
import { type ModelSignature, rowWidth } from "#server/registry/contract.ts";
import type { Golden } from "#server/serving/contract.ts";
import { scoreTable } from "../runtimes/onnx/score-table.ts";
import type { ModelSession } from "../runtimes/onnx/session.ts";
import { allocate, type Feed, type Outputs, slice } from "../runtimes/onnx/tensors.ts";

const ROWS = 5;
const TOLERANCE = 1e-4;

/**
 * Warms a model up and proves that it may answer requests: a row alone gets the answer that it gets among others, and the golden rows get
 * the scores they had when the version was checked. Yields to the event loop between runs.
 * Throws AppError `invalid_input` that says what differs.
 */
export async function prove(
  session: ModelSession,
  signature: ModelSignature,
  golden: Golden | undefined,
): Promise<void> {
  await proveRows(session, signature);
  if (golden && golden.rows > 0) await proveGolden(session, signature, golden);
}

async function proveRows(session: ModelSession, signature: ModelSignature): Promise<void> {
  const wanted = signature.outputs.map((output) => output.name);
  const feeds = sampleFeeds(signature);
  const together = await tryRun(session, feeds, wanted);
  // A model may refuse made-up values, such as a category it never saw. The golden rows are the proof then.
  if (!together) return;
  for (const name of wanted) {
    const output = together[name];
    if (output?.dims[0] !== ROWS)
      throw refuse(name, `gives the shape [${output?.dims.join(", ")}] for ${ROWS} rows instead of one entry per row`);
  }
  for (let row = 0; row < ROWS; row += 1) {
    await nextTurn();
    const alone = await tryRun(session, rowOf(feeds, row), wanted);
    for (const name of alone ? wanted : []) {
      const among = together[name]?.data ?? [];
      const width = among.length / ROWS;
      if (!same(alone?.[name]?.data ?? [], slice(among, row * width, (row + 1) * width)))
        throw refuse(name, "depends on the other rows of a batch");
    }
  }
}

async function tryRun(
  session: ModelSession,
  feeds: readonly Feed[],
  wanted: readonly string[],
): Promise<Outputs | null> {
  try {
    return await session.run(feeds, wanted);
  } catch {
    return null;
  }
}

/** Small different numbers, and empty texts. */
function sampleFeeds(signature: ModelSignature): Feed[] {
  return signature.inputs.map((tensor) => {
    const { name, datatype, shape } = tensor;
    const data = allocate(datatype, ROWS * rowWidth(tensor));
    if (!Array.isArray(data))
      for (let i = 0; i < data.length; i += 1) {
        if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(i % 3);
        else data[i] = datatype.startsWith("FP") ? i * 0.37 : datatype === "BOOL" ? i % 2 : i % 3;
      }
    return { name, datatype, dims: [ROWS, ...shape.slice(1)], data };
  });
}

function rowOf(feeds: readonly Feed[], row: number): Feed[] {
  return feeds.map(({ data, dims, ...rest }) => {
    const width = data.length / ROWS;
    return { ...rest, dims: [1, ...dims.slice(1)], data: slice(data, row * width, (row + 1) * width) };
  });
}

async function proveGolden(session: ModelSession, signature: ModelSignature, golden: Golden): Promise<void> {
  const columns = Object.fromEntries(Object.entries(golden.columns).map(([name, values]) => [name, toColumn(values)]));
  const scores = await scoreTable(session, signature, columns, golden.rows);
  if (golden.labels && !same(scores.labels ?? [], golden.labels))
    throw refuse("label", "is not what it was when this version was checked");
  for (const part of ["probabilities", "values"] as const) {
    const before = golden[part];
    if (before && !same(scores[part] ?? [], before))
      throw refuse(part, "is not what it was when this version was checked");
  }
}

function toColumn(values: readonly (number | string)[]): Float64Array | string[] {
  const numbers = values.filter((v) => typeof v === "number");
  return numbers.length === values.length ? new Float64Array(numbers) : values.map(String);
}

function same(now: ArrayLike<unknown>, before: ArrayLike<unknown>): boolean {
  return (
    now.length === before.length && Array.from(now).every((value, i) => value === before[i] || isNear(value, before[i]))
  );
}

/** Texts are equal or not; numbers may differ by the rounding of another batch size. */
function isNear(a: unknown, b: unknown): boolean {
  if (typeof a !== "number" || typeof b !== "number") return false;
  return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b)) || (Number.isNaN(a) && Number.isNaN(b));
}

function refuse(output: string, what: string): AppError {
  const remedy = "Export the model so that rows are independent, and register it again.";
  return new AppError("invalid_input", `The model's output '${output}' ${what}.`, { field: "model", remedy });
}

import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError } from "#server/kernel/errors.ts";
import type { ModelSource, RuntimeSignature } from "#server/platform/runtimes.ts";
import { compareGolden, Datatype, rowWidth, worstSentence } from "#server/registry/contract.ts";
import { namedFeeds } from "./onnx/named-feeds.ts";
import type { ModelSession } from "./onnx/session.ts";
import { allocate, type Feed, type Outputs, slice } from "./onnx/tensors.ts";

const ROWS = 5;
/** The rows of a batch of requests. */
const BATCH = 64;
const TRIES = 8;
const TOLERANCE = 1e-4;

type Runs = Pick<ModelSession, "run">;
type Proved = Pick<ModelSource, "signature" | "golden">;

/** How the time of a batch is taken. */
export interface Watch {
  readonly enoughMs: number;
  readonly now: () => number;
}
const WALL_CLOCK: Watch = { enoughMs: 0, now: () => performance.now() };

/**
 * Warms a model up and proves that it may answer requests: a row alone gets the answer that it gets among others, and the golden rows get the
 * training framework's own outputs. Yields to the event loop between runs.
 *
 * @param watch `enoughMs`: below it the time of a batch is not measured more closely; `now`: the clock in milliseconds.
 * @returns milliseconds that a batch of 64 made-up rows takes; 0 when the model refuses those.
 * @throws AppError `invalid_input` that says what differs: output, row, values, tolerance.
 */
export async function prove(session: Runs, source: Proved, watch: Watch = WALL_CLOCK): Promise<number> {
  await proveRows(session, source.signature);
  await proveGolden(session, source);
  return await batchTime(session, source.signature, watch);
}

/**
 * Compares the model's answers with its golden rows; nothing to do for one that has none.
 * Throws AppError `invalid_input` with the worst row.
 */
export async function proveGolden(session: Runs, { signature, golden }: Proved): Promise<void> {
  if (!golden) return;
  const remedy = "Convert the model again, or log golden rows of this very model, and register it again.";
  const wrong = (what: string) => new AppError("invalid_input", what, { field: "golden", remedy });
  const feeds = namedFeeds(signature, golden.inputs, golden.rows);
  let compared: ReturnType<typeof compareGolden>;
  try {
    const outputs = await session.run(feeds, Object.keys(golden.outputs));
    const answers = Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, data]));
    compared = compareGolden(golden, signature, answers);
  } catch (error) {
    throw wrong(`The model cannot be compared with its golden rows: ${error instanceof Error ? error.message : "?"}.`);
  }
  if (compared.state === "disagrees" && compared.worst)
    throw wrong(
      `The model does not answer as the training framework did. ${worstSentence(compared.worst, golden.rows)}`,
    );
}

async function proveRows(session: Runs, signature: RuntimeSignature): Promise<void> {
  const wanted = signature.outputs.map((output) => output.name);
  const feeds = sampleFeeds(signature, ROWS);
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

/** The least of several: the first run of a size still takes memory, and others may take the processor meanwhile. */
async function batchTime(session: Runs, signature: RuntimeSignature, { enoughMs, now }: Watch): Promise<number> {
  const { label, probabilities, value } = signature.roles;
  const meaning = [label, probabilities, value].filter((name) => name !== undefined);
  const wanted = meaning.length > 0 ? meaning : signature.outputs.map((output) => output.name);
  const feeds = sampleFeeds(signature, BATCH);
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIES && least > enoughMs; i += 1) {
    await nextTurn();
    const before = now();
    if (!(await tryRun(session, feeds, wanted))) return 0;
    least = Math.min(least, now() - before);
  }
  return least;
}

async function tryRun(session: Runs, feeds: readonly Feed[], wanted: readonly string[]): Promise<Outputs | null> {
  try {
    return await session.run(feeds, wanted);
  } catch {
    return null;
  }
}

/** Small different numbers, and empty texts. */
function sampleFeeds(signature: RuntimeSignature, rows: number): Feed[] {
  return signature.inputs.map((tensor) => {
    const { name } = tensor;
    const datatype = Datatype.parse(tensor.datatype);
    const shape = [...tensor.shape];
    const data = allocate(datatype, rows * rowWidth({ shape }));
    if (!Array.isArray(data))
      for (let i = 0; i < data.length; i += 1) {
        if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(i % 3);
        else data[i] = datatype.startsWith("FP") ? i * 0.37 : datatype === "BOOL" ? i % 2 : i % 3;
      }
    return { name, datatype, dims: [rows, ...shape.slice(1)], data };
  });
}

function rowOf(feeds: readonly Feed[], row: number): Feed[] {
  return feeds.map(({ data, dims, ...rest }) => {
    const width = data.length / ROWS;
    return { ...rest, dims: [1, ...dims.slice(1)], data: slice(data, row * width, (row + 1) * width) };
  });
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

import { openVersion } from "#server/data/index.ts";
import type { Db } from "#server/platform/db.ts";
import { quoted, TableFile } from "#server/platform/table-file.ts";
import { type ModelSignature, rowWidth, type TensorSignature } from "#server/registry/contract.ts";
import type { ExampleInput } from "./contract.ts";

type Value = number | string | boolean;
const MOST = 64;
/** Rows by dataset version and names: both never change. */
const known = new Map<string, Readonly<Record<string, unknown>>>();

/**
 * One row that the model accepts, input by input: the first complete row of the dataset version that it was trained on. What the dataset does not tell
 * (a column of another name, no dataset at all) is zero, false or "text".
 */
export async function exampleInputs(
  db: Db,
  projectId: string,
  signature: ModelSignature,
  datasetVersionId: string | null,
): Promise<ExampleInput[]> {
  const row = datasetVersionId ? await firstRow(db, projectId, datasetVersionId, signature.inputs) : {};
  return signature.inputs.map((tensor) => {
    const width = rowWidth(tensor);
    const given = width === 1 ? row[tensor.name] : undefined;
    const { name, datatype } = tensor;
    return {
      name,
      datatype,
      shape: tensor.shape.map((d) => (d < 0 ? 1 : d)),
      data: new Array<Value>(width).fill(valueOf(datatype, given)),
    };
  });
}

function valueOf(datatype: TensorSignature["datatype"], given: unknown): Value {
  if (datatype === "BYTES") {
    if (given === undefined || given === null) return "text";
    return typeof given === "string" ? given : JSON.stringify(given);
  }
  if (datatype === "BOOL") return given === true || Number(given ?? 0) > 0;
  const number = Number(given ?? 0);
  const isWhole = !datatype.startsWith("FP") && !datatype.startsWith("BF");
  return Number.isFinite(number) ? (isWhole ? Math.trunc(number) : number) : 0;
}

/** The first row in which no input is missing. A file that cannot be read gives none: an example is no reason to fail a page. */
async function firstRow(
  db: Db,
  projectId: string,
  datasetVersionId: string,
  inputs: readonly TensorSignature[],
): Promise<Readonly<Record<string, unknown>>> {
  const key = `${projectId} ${datasetVersionId} ${inputs.map((tensor) => tensor.name).join()}`;
  const cached = known.get(key);
  if (cached) return cached;
  let row: Readonly<Record<string, unknown>>;
  try {
    const version = await openVersion(db, projectId, datasetVersionId);
    const there = new Set(version.schema.map((column) => column.name));
    const names = inputs.map((tensor) => tensor.name).filter((name) => there.has(name));
    if (names.length === 0) return {};
    const types = Object.fromEntries(version.schema.map((column) => [column.name, column.type]));
    await using table = await TableFile.open(version.path, version.format, types);
    const complete = names.map((name) => `${quoted(name)} is not null`).join(" and ");
    [row = {}] = await table.rows(`select ${names.map(quoted).join()} from data where ${complete} limit 1`);
  } catch {
    return {};
  }
  known.set(key, row);
  const [oldest] = known.keys();
  if (known.size > MOST && oldest !== undefined) known.delete(oldest);
  return row;
}

import { countCategories, type CategoryCounts } from "#server/kernel/statistics/categories.ts";
import { type NumericSample, prepareNumericReference } from "#server/kernel/statistics/samples.ts";
import { openVersion } from "#server/data/index.ts";
import type { OpenedVersion } from "#server/data/contract.ts";
import type { Db } from "#server/platform/db.ts";
import type { Columns, ModelRuntime, TableScores } from "#server/platform/runtimes.ts";
import { type ColumnValues, TableFile } from "#server/platform/table-file.ts";
import type { ModelSignature, VersionDto } from "#server/registry/contract.ts";
import { sourceOf } from "#server/registry/index.ts";

/** What the windows of one model version are compared with. */
export interface Reference {
  readonly dataset: OpenedVersion;
  /** By the names under which predictions are logged. A feature that the dataset has no column for is in neither. */
  readonly numbers: ReadonlyMap<string, NumericSample>;
  readonly categories: ReadonlyMap<string, CategoryCounts>;
  /** Features of the model without a column in the dataset. */
  readonly unknown: readonly string[];
  /** The version's own scores of the reference rows; null when it cannot score them. */
  readonly prediction: PredictionReference | null;
}

/** Exactly one of the two is set. */
export interface PredictionReference {
  /** "probability of 1", "predicted class", "predicted number". */
  readonly of: string;
  readonly numbers: NumericSample | null;
  readonly categories: CategoryCounts | null;
}

/** A reference holds some tens of megabytes; few are in use at once. */
const KEPT = 4;
/** Rows that are scored: enough for a distribution, so that a huge dataset does not hold up the windows. */
const MOST_SCORED = 200_000;

const prepared = new Map<string, Promise<Reference>>();

/**
 * The prepared reference of a model version: the dataset version it was trained on, or the one a monitor names. Read and scored once per process and kept.
 * Errors: not_found for a dataset version that is gone, invalid_input for a table that cannot be read.
 */
export async function referenceOf(
  db: Db,
  version: VersionDto,
  datasetVersion: string,
  projectId: string,
  models: ModelRuntime,
): Promise<Reference> {
  const dataset = await openVersion(db, projectId, datasetVersion);
  const key = `${dataset.id} ${version.id}`;
  const known = prepared.get(key);
  prepared.delete(key);
  const promise = known ?? prepare(dataset, version, models);
  // Set again, so that the map's order is the order of use.
  prepared.set(key, promise);
  promise.catch(() => prepared.delete(key));
  const [oldest] = prepared.keys();
  if (prepared.size > KEPT && oldest !== undefined) prepared.delete(oldest);
  return await promise;
}

async function prepare(dataset: OpenedVersion, version: VersionDto, models: ModelRuntime): Promise<Reference> {
  const { signature } = version;
  const inputs = signature?.inputs ?? [];
  const columns = new Set(dataset.schema.map((column) => column.name));
  const known = inputs.filter((input) => columns.has(input.name)).map((input) => input.name);
  await using table = await TableFile.open(
    dataset.path,
    dataset.format,
    Object.fromEntries(dataset.schema.map(({ name, type }) => [name, type])),
  );
  const values = await table.values(known);
  const numbers = new Map<string, NumericSample>();
  const categories = new Map<string, CategoryCounts>();
  for (const input of inputs) {
    const column = values.get(input.name);
    if (!column) continue;
    if (input.datatype === "BYTES") categories.set(input.name, countCategories(asTexts(column)));
    else numbers.set(input.name, prepareNumericReference(asLogged(column, input.datatype)));
  }
  const unknown = inputs.map((input) => input.name).filter((name) => !columns.has(name));
  const prediction = signature && unknown.length === 0 ? await scores(version, signature, values, models) : null;
  return { dataset, numbers, categories, unknown, prediction };
}

/** Numbers as the log holds them: an FP32 input carries the rounding of 32 bits, which would otherwise look like other values. */
function asLogged(column: ColumnValues, datatype: string): Float64Array {
  const numbers =
    column instanceof Float64Array ? column : Float64Array.from(column, (v) => (v === null ? Number.NaN : Number(v)));
  return datatype === "FP32" ? numbers.map((value) => Math.fround(value)) : numbers;
}

function asTexts(column: ColumnValues): (string | null)[] {
  return column instanceof Float64Array
    ? Array.from(column, (value) => (Number.isNaN(value) ? null : String(value)))
    : column;
}

/** Scores the rows of the reference whose features are complete. */
async function scores(
  version: VersionDto,
  signature: ModelSignature,
  values: ReadonlyMap<string, ColumnValues>,
  models: ModelRuntime,
): Promise<PredictionReference | null> {
  if (!version.sha256 || !version.runtime) return null;
  const columns = [...values.values()];
  const complete: number[] = [];
  for (let row = 0; row < (columns[0]?.length ?? 0) && complete.length < MOST_SCORED; row++)
    if (columns.every((column) => isPresent(column, row))) complete.push(row);
  if (complete.length === 0) return null;
  const table: Columns = Object.fromEntries(
    [...values].map(([name, column]) => [
      name,
      column instanceof Float64Array
        ? Float64Array.from(complete, (row) => column[row] ?? Number.NaN)
        : complete.map((row) => column[row] ?? ""),
    ]),
  );
  return predictionReference(
    await models.scoreTable(await sourceOf(version), table, complete.length),
    signature.positive,
  );
}

function isPresent(column: ColumnValues, row: number): boolean {
  return column instanceof Float64Array ? !Number.isNaN(column[row]) : column[row] !== null && column[row] !== "";
}

/** The class whose probability stands for the prediction of a two-class model: the positive one, or the last where the file names none. */
export function positiveIndex(classes: readonly string[] | null, positive: string | null): number | null {
  if (classes?.length !== 2) return null;
  const index = positive === null ? 1 : classes.indexOf(positive);
  return index < 0 ? null : index;
}

function predictionReference(scored: TableScores, positive: string | null): PredictionReference | null {
  const { classes, probabilities, labels, values } = scored;
  const index = positiveIndex(classes, positive);
  if (classes && probabilities && index !== null) {
    const width = classes.length;
    const column = Float64Array.from(
      { length: probabilities.length / width },
      (_, row) => probabilities[row * width + index] ?? Number.NaN,
    );
    return {
      of: `probability of ${classes[index] ?? ""}`,
      numbers: prepareNumericReference(column),
      categories: null,
    };
  }
  if (labels) return { of: "predicted class", numbers: null, categories: countCategories(labels) };
  return values ? { of: "predicted number", numbers: prepareNumericReference(values), categories: null } : null;
}

import { openVersion } from "#server/data/index.ts";
import type { Columns, ModelRuntime } from "#server/platform/runtimes.ts";
import { TableFile } from "#server/platform/table-file.ts";
import type { Db } from "#server/platform/db.ts";
import type { VersionDto } from "#server/registry/contract.ts";
import { sourceOf } from "#server/registry/index.ts";

/** The rows of a hold-out that can be judged: complete features for every model, and a label. */
export interface HoldoutRows {
  readonly dataset: { readonly name: string; readonly version: number; readonly sha256: string };
  readonly columns: Columns;
  readonly labels: readonly string[];
  readonly n: number;
  /** Rows left out because a feature or the label is missing. */
  readonly dropped: number;
}

/** Input columns that the versions need, each once. */
function featuresOf(versions: readonly VersionDto[]): string[] {
  return [...new Set(versions.flatMap((version) => version.signature?.inputs.map((input) => input.name) ?? []))];
}

/**
 * Reads the rows that `where` keeps, with the features that all versions need. The dataset's version is the one the challenger was trained from, if it is
 * of that dataset, else the newest: pinned in the evidence either way.
 */
export async function holdoutRows(
  db: Db,
  projectId: string,
  options: {
    dataset: string;
    where?: string | undefined;
    label: string;
    challenger: VersionDto;
    versions: readonly VersionDto[];
  },
): Promise<HoldoutRows> {
  const trainedOn = options.challenger.dataset;
  const version = await openVersion(
    db,
    projectId,
    trainedOn?.name === options.dataset ? trainedOn.versionId : options.dataset,
  );
  const features = featuresOf(options.versions);
  await using table = await TableFile.open(
    version.path,
    version.format,
    Object.fromEntries(version.schema.map(({ name, type }) => [name, type])),
  );
  const values = await table.values([...features, options.label], options.where);
  const label = values.get(options.label) ?? [];
  const kept: number[] = [];
  for (let row = 0; row < label.length; row++) {
    if (
      [...values.values()].every((column) =>
        column instanceof Float64Array ? !Number.isNaN(column[row]) : column[row] !== null && column[row] !== undefined,
      )
    )
      kept.push(row);
  }
  const columns = Object.fromEntries(
    features.map((name) => {
      const column = values.get(name) ?? [];
      return [
        name,
        column instanceof Float64Array
          ? Float64Array.from(kept, (row) => column[row] ?? Number.NaN)
          : kept.map((row) => column[row] ?? ""),
      ];
    }),
  );
  return {
    dataset: { name: version.name, version: version.version, sha256: version.sha256 },
    columns,
    labels: kept.map((row) => String(label[row])),
    n: kept.length,
    dropped: label.length - kept.length,
  };
}

/** Predicted labels and, where the model gives them, probabilities by class, of all rows. */
export async function score(models: ModelRuntime, version: VersionDto, rows: HoldoutRows) {
  return await models.scoreTable(await sourceOf(version), rows.columns, rows.n);
}

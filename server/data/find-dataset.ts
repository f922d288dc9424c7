import { AppError } from "#server/kernel/errors.ts";
import { isUuid } from "#server/kernel/ids.ts";
import type { Db } from "#server/platform/db.ts";

/** The dataset of that name in the project. Errors: not_found. */
export async function findDataset(db: Db, projectId: string, name: string) {
  const dataset = await db.dataset.findUnique({ where: { projectId_name: { projectId, name } } });
  if (!dataset)
    throw new AppError("not_found", `There is no dataset named '${name}' in this project.`, {
      field: "dataset",
      value: name,
      remedy: "Choose one from Data, or upload a file.",
    });
  return dataset;
}

/**
 * The version that a reference means: "name" (the newest), "name@3", or a version's id. Errors: invalid_input for another form, not_found.
 */
export async function findVersion(db: Db, projectId: string, reference: string) {
  const include = { dataset: true } as const;
  if (isUuid(reference)) {
    const byId = await db.datasetVersion.findFirst({ where: { id: reference, projectId }, include });
    if (byId) return byId;
    throw new AppError("not_found", "There is no such dataset version in this project.", {
      field: "dataset",
      value: reference,
    });
  }
  const match = /^([a-z][a-z0-9-]*)(?:@(\d+))?$/.exec(reference);
  if (!match)
    throw new AppError("invalid_input", `'${reference}' does not name a dataset version.`, {
      field: "dataset",
      value: reference,
      remedy: "Write 'flights' for the newest version or 'flights@3' for version 3.",
    });
  const [, name = "", number] = match;
  const dataset = await findDataset(db, projectId, name);
  const found = await db.datasetVersion.findFirst({
    where: { datasetId: dataset.id, ...(number ? { version: Number(number) } : {}) },
    include,
    orderBy: { version: "desc" },
  });
  if (found) return found;
  const message = number
    ? `The dataset '${name}' has no version ${number}.`
    : `The dataset '${name}' has no version yet.`;
  throw new AppError("not_found", message, {
    field: "dataset",
    value: reference,
    remedy: "Upload a CSV or Parquet file first.",
  });
}

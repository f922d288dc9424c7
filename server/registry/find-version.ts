import { AppError } from "#server/kernel/errors.ts";
import { isUuid } from "#server/kernel/ids.ts";
import type { Db } from "#server/platform/db.ts";

/** What every DTO of a version is made from. */
export const VERSION_PARTS = { model: { select: { name: true } }, aliases: { select: { alias: true } } } as const;
/** What no DTO needs: golden rows are large, and their summary stands beside them. */
export const VERSION_OMIT = { golden: true } as const;

/** The registered model of that name. Errors: not_found. */
export async function findModel(db: Db, projectId: string, name: string) {
  const model = await db.registeredModel.findUnique({ where: { projectId_name: { projectId, name } } });
  if (!model || model.deletedAt)
    throw new AppError("not_found", `Registered Model with name=${name} not found`, {
      field: "name",
      value: name,
      remedy: "Choose one from Models, or register a version under this name.",
    });
  return model;
}

/**
 * The version that a reference means: its number ("3"), an alias ("@champion"), or its id. Deleted versions are not found. Errors: not_found.
 */
export async function findVersion(db: Db, projectId: string, name: string, reference: string) {
  const model = await findModel(db, projectId, name);
  const where = reference.startsWith("@")
    ? { aliases: { some: { alias: reference.slice(1) } } }
    : isUuid(reference)
      ? { id: reference }
      : { version: /^\d{1,9}$/.test(reference) ? Number(reference) : -1 };
  const found = await db.modelVersion.findFirst({
    where: { ...where, modelId: model.id, projectId, deletedAt: null },
    include: VERSION_PARTS,
    omit: VERSION_OMIT,
  });
  if (!found)
    throw new AppError("not_found", `Model Version (name=${name}, version=${reference.replace(/^@/, "")}) not found`, {
      field: "version",
      value: reference,
      remedy: "Choose a version on the model's page.",
    });
  return found;
}

/** A version by its id, whatever its model. Errors: not_found. */
export async function findVersionById(db: Db, projectId: string, id: string) {
  const found = isUuid(id)
    ? await db.modelVersion.findFirst({
        where: { id, projectId, deletedAt: null },
        include: VERSION_PARTS,
        omit: VERSION_OMIT,
      })
    : null;
  if (!found)
    throw new AppError("not_found", "There is no such model version in this project.", { field: "version", value: id });
  return found;
}

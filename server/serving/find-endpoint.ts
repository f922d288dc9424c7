import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";

/** The endpoint of that name in the project. Errors: not_found, also for another project's. */
export async function findEndpoint(db: Db, projectId: string, name: string) {
  const found = await db.endpoint.findFirst({ where: { projectId, name } });
  if (!found)
    throw new AppError("not_found", `There is no endpoint '${name}' in this project.`, {
      field: "name",
      value: name,
      remedy: "Choose one from Endpoints; one appears when a model version becomes champion.",
    });
  return found;
}

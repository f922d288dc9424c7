import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";

/** The service of that name in the project. Errors: not_found, also for another project's. */
export async function findService(db: Db, projectId: string, name: string) {
  const found = await db.customService.findFirst({ where: { projectId, name } });
  if (!found)
    throw new AppError("not_found", `There is no service '${name}' in this project.`, {
      field: "name",
      value: name,
      remedy: "Choose one from Endpoints, or publish a file services/<name>.ts or .py.",
    });
  return found;
}

/** The name of a service, which is its file's: "services/delay-desk.ts" is delay-desk. */
export function serviceNameOf(path: string): string {
  return path.replace(/^services\//, "").replace(/\.(ts|py)$/, "");
}

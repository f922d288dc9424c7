import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";

/** The row of a run by its number in the project. Errors: not_found. */
export async function findRun(db: Db, projectId: string, number: number) {
  const run = await db.pipelineRun.findUnique({ where: { projectId_number: { projectId, number } } });
  if (run) return run;
  throw new AppError("not_found", `There is no pipeline run ${number} in this project.`, {
    field: "number",
    value: number,
    remedy: "Open Pipelines to see the runs there are.",
  });
}

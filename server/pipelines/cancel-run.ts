import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { CancelRunInput } from "./contract.ts";
import { findRun } from "./find-run.ts";
import { finishRunIfDone } from "./finish-run.ts";

/**
 * Cancels a run: what has not begun never will, and the processes of running steps are ended within seconds. What finished keeps its outputs.
 * Errors: not_found, conflict when the run has ended.
 */
export const cancelRun = defineUseCase({
  name: "pipelines.cancel-run",
  scope: "pipelines:run",
  effect: "write",
  input: CancelRunInput,
  async run({ input, actor, project, db, audit, publish }) {
    const { id } = await findRun(db, project.id, input.number);
    await db.$queryRaw`select id::text from pipeline_runs where id = ${id}::uuid for update`;
    const run = await findRun(db, project.id, input.number);
    if (run.finishedAt)
      throw new AppError("conflict", `Run ${run.number} has already ended: ${run.status}.`, {
        field: "number",
        value: run.number,
      });
    if (run.cancelRequestedAt) return { number: run.number };
    const now = new Date();
    await db.pipelineRun.update({ where: { id }, data: { cancelRequestedAt: now, cancelledBy: actor.name } });
    await db.step.updateMany({
      where: { runId: id, status: { in: ["pending", "ready"] } },
      data: { status: "cancelled", finishedAt: now },
    });
    await audit({
      action: "pipeline-run.cancel-requested",
      subject: { type: "pipeline-run", id },
      summary: `${actor.name} cancelled run ${run.number} of the pipeline ${run.pipeline}${input.reason ? `: ${input.reason}` : ""}`,
      details: { number: run.number, reason: input.reason },
    });
    await finishRunIfDone(db, id);
    await publish("pipelines", id);
    return { number: run.number };
  },
});

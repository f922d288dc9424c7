import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Prisma } from "#server/platform/db.ts";
import { RerunInput } from "./contract.ts";
import { findRun } from "./find-run.ts";
import { insertRun, type ReusedStep, stepKey } from "./insert-run.ts";
import { datasetsOfRow, paramsOfRow, specOfRow } from "./stored-run.ts";

/**
 * Repeats a run with the same commit, parameters and dataset versions, as a new run. With `steps: "failed"` the results of the steps that succeeded are
 * taken over, and only the rest runs. Errors: not_found, conflict while the run is still going or when nothing failed.
 */
export const rerun = defineUseCase({
  name: "pipelines.rerun",
  scope: "pipelines:run",
  effect: "write",
  input: RerunInput,
  async run({ input, actor, project, db, audit, publish }) {
    const old = await findRun(db, project.id, input.number);
    const reuse = new Map<string, ReusedStep>();
    if (input.steps === "failed") {
      if (old.finishedAt === null)
        throw new AppError("conflict", `Run ${old.number} is still going.`, {
          field: "number",
          remedy: "Wait for its end, or cancel it.",
        });
      if (old.status === "succeeded")
        throw new AppError("conflict", `Nothing failed in run ${old.number}.`, {
          field: "steps",
          remedy: "Run all steps again instead.",
        });
      for (const step of await db.step.findMany({ where: { runId: old.id, status: "succeeded" } }))
        reuse.set(stepKey(step.name, step.matrixKey), {
          runId: step.reusedFrom ?? old.id,
          outputs: step.outputs as Prisma.InputJsonValue,
          gate: step.gate,
          result: step.result,
        });
    }
    const run = await insertRun(db, {
      projectId: project.id,
      path: old.path,
      commit: old.commit,
      branch: old.branch,
      spec: specOfRow(old.spec),
      params: paramsOfRow(old.params),
      datasets: datasetsOfRow(old.datasets),
      trigger: { kind: "rerun", number: old.number },
      actor,
      rerunOf: old.id,
      reuse,
    });
    await audit({
      action: "pipeline-run.started",
      subject: { type: "pipeline-run", id: run.id },
      summary: `${actor.name} started run ${run.number} of the pipeline ${old.pipeline}, repeating run ${old.number}${reuse.size > 0 ? ` without its ${reuse.size} finished steps` : ""}`,
      details: { number: run.number, rerunOf: old.number, commit: old.commit, steps: input.steps, reused: reuse.size },
    });
    await publish("pipelines", run.id);
    return run;
  },
});

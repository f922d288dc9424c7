import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { getRun } from "#server/tracking/index.ts";
import { insertRun } from "./insert-run.ts";
import { ReproduceInput, type ReproductionDto, Tolerance } from "./origin-contract.ts";
import { reproductionDtos } from "./reproductions.ts";
import type { PipelineSpec } from "./spec.ts";
import { datasetsOfRow, paramsOfRow, specOfRow } from "./stored-run.ts";

/** The pipeline without what reaches beyond it: a repetition registers no version of a model or dataset, and nothing that needs one runs. */
export function withoutRegistering(spec: PipelineSpec): PipelineSpec {
  const left = new Set(spec.steps.filter((step) => step.kind !== "run").map((step) => step.id));
  // The file's order is no order of the graph, so look again until nothing more drops out.
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const step of spec.steps) if (step.needs.some((id) => left.has(id))) left.add(step.id);
  }
  return { ...spec, steps: spec.steps.filter((step) => !left.has(step.id)) };
}

/**
 * Makes a tracked run once more: the pipeline run that made it, with its commit, parameters, dataset versions and environment, every step anew and nothing
 * taken over. When it ends, the two are compared. Errors: not_found; conflict for a run from outside, or while it is being reproduced already.
 */
export const reproduceRun = defineUseCase({
  name: "pipelines.reproduce-run",
  scope: "pipelines:run",
  effect: "write",
  input: ReproduceInput,
  async run({ input, actor, project, db, audit, publish }): Promise<ReproductionDto> {
    const original = await getRun(actor, project.id, { runId: input.run });
    const old = original.pipeline
      ? await db.pipelineRun.findFirst({ where: { id: original.pipeline.runId, projectId: project.id } })
      : null;
    if (!old)
      throw new AppError("conflict", "Only a run that a pipeline's step made can be made again.", {
        field: "run",
        value: input.run,
        remedy: "Its tab Origin says what is missing. Add the script as a step of a pipeline to have all of it.",
      });
    if (original.status !== "FINISHED")
      throw new AppError("conflict", "Only a run that finished has results to compare with.", {
        field: "run",
        value: input.run,
        remedy: original.status === "RUNNING" ? "Wait for its end." : "Mend what failed, and run the pipeline again.",
      });
    await db.$queryRaw`select pg_advisory_xact_lock(hashtextextended(${`reproduce ${original.id}`}, 0))::text`;
    const going = await db.reproduction.count({
      where: { projectId: project.id, originalRunId: original.id, status: "running" },
    });
    if (going > 0)
      throw new AppError("conflict", "The run is being reproduced already.", {
        field: "run",
        remedy: "Follow it in the tab Origin.",
      });
    const run = await insertRun(db, {
      projectId: project.id,
      path: old.path,
      commit: old.commit,
      branch: old.branch,
      spec: withoutRegistering(specOfRow(old.spec)),
      params: paramsOfRow(old.params),
      datasets: datasetsOfRow(old.datasets),
      trigger: { kind: "reproduction", number: old.number, run: original.id },
      actor,
      rerunOf: old.id,
    });
    const row = await db.reproduction.create({
      data: {
        projectId: project.id,
        originalRunId: original.id,
        originalPipelineRunId: old.id,
        pipelineRunId: run.id,
        tolerance: Tolerance.parse(input),
        createdBy: actor.userId,
        createdByName: actor.name,
      },
    });
    await audit({
      action: "run.reproduction_started",
      subject: { type: "run", id: original.id },
      summary: `${actor.name} had the run ${original.name} made once more, as run ${run.number} of the pipeline ${old.pipeline}`,
      details: { reproduction: row.id, pipelineRun: run.number, commit: old.commit, tolerance: Tolerance.parse(input) },
    });
    await publish("pipelines", run.id);
    await publish("runs", original.id);
    const [dto] = await reproductionDtos(db, [row]);
    if (!dto) throw new Error("unreachable: one row makes one reproduction");
    return dto;
  },
});

/** The reproductions of a run, newest first; also those in which the run itself is the repetition. */
export const listReproductions = defineUseCase({
  name: "pipelines.list-reproductions",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ run: z.string().max(64) }),
  async run({ input, actor, project, db }): Promise<ReproductionDto[]> {
    const { id } = await getRun(actor, project.id, { runId: input.run });
    const rows = await db.reproduction.findMany({
      where: { projectId: project.id, OR: [{ originalRunId: id }, { runId: id }] },
      orderBy: { createdAt: "desc" },
      take: 50,
    });
    return await reproductionDtos(db, rows);
  },
});

import { defineUseCase } from "#server/identity/index.ts";
import type { Db, Prisma } from "#server/platform/db.ts";
import { ListRunsInput, type RunDetail, RunNumber, type RunPage, type RunStatus, type RunSummary } from "./contract.ts";
import { environmentDto } from "./environments.ts";
import { findRun } from "./find-run.ts";
import { runMedians } from "./medians.ts";
import { stepDtos } from "./step-dtos.ts";
import { datasetsOfRow, paramsOfRow, triggerOfRow } from "./stored-run.ts";
import { z } from "zod";

type RunRow = Awaited<ReturnType<typeof findRun>>;
const ENDED = ["succeeded", "failed", "skipped", "cancelled"];
const ACTIVE = ["queued", "preparing", "running"];

/** Rows as summaries, with the count of ended steps and the pipeline's median duration. */
export async function summaries(
  db: Db,
  projectId: string,
  rows: readonly Omit<RunRow, "spec">[],
): Promise<RunSummary[]> {
  if (rows.length === 0) return [];
  const [groups, medians] = await Promise.all([
    db.step.groupBy({ by: ["runId", "status"], where: { runId: { in: rows.map((row) => row.id) } }, _count: true }),
    runMedians(
      db,
      projectId,
      rows.map((row) => row.id),
    ),
  ]);
  return rows.map((row) => {
    const mine = groups.filter((group) => group.runId === row.id);
    const sum = (list: typeof mine) => list.reduce((total, group) => total + group._count, 0);
    return {
      id: row.id,
      number: row.number,
      pipeline: row.pipeline,
      path: row.path,
      commit: row.commit,
      branch: row.branch,
      status: row.status as RunStatus,
      error: row.error,
      trigger: triggerOfRow(row.trigger),
      createdBy: row.createdByName,
      createdAt: row.createdAt.toISOString(),
      startedAt: row.startedAt?.toISOString() ?? null,
      finishedAt: row.finishedAt?.toISOString() ?? null,
      durationMs: row.startedAt && row.finishedAt ? row.finishedAt.getTime() - row.startedAt.getTime() : null,
      medianMs: medians.get(row.id) ?? null,
      steps: { total: sum(mine), done: sum(mine.filter((group) => ENDED.includes(group.status))) },
    };
  });
}

/** The runs of the project, newest first; optionally of one file, one pipeline or one state ("active": not ended). */
export const listRuns = defineUseCase({
  name: "pipelines.list-runs",
  scope: "pipelines:read",
  effect: "read",
  input: ListRunsInput,
  async run({ input, project, db }): Promise<RunPage> {
    const where: Prisma.PipelineRunWhereInput = {
      projectId: project.id,
      ...(input.path ? { path: input.path } : {}),
      ...(input.pipeline ? { pipeline: input.pipeline } : {}),
      ...(input.status ? { status: input.status === "active" ? { in: ACTIVE } : input.status } : {}),
    };
    const [rows, total] = await Promise.all([
      db.pipelineRun.findMany({
        where: { ...where, ...(input.before ? { number: { lt: input.before } } : {}) },
        omit: { spec: true },
        orderBy: { number: "desc" },
        take: input.limit + 1,
      }),
      db.pipelineRun.count({ where }),
    ]);
    const page = rows.slice(0, input.limit);
    return {
      runs: await summaries(db, project.id, page),
      next: rows.length > input.limit ? (page.at(-1)?.number ?? null) : null,
      total,
    };
  },
});

/** One run with its graph: steps, attempts, inputs, outputs, gates, and the environment it runs in. Errors: not_found. */
export const getRun = defineUseCase({
  name: "pipelines.get-run",
  scope: "pipelines:read",
  effect: "read",
  input: z.object({ number: RunNumber }),
  async run({ input, project, db }): Promise<RunDetail> {
    const row = await findRun(db, project.id, input.number);
    const [[summary], stepRuns, edges, environment, origin] = await Promise.all([
      summaries(db, project.id, [row]),
      stepDtos(db, row, project.slug),
      db.stepEdge.findMany({ where: { child: { runId: row.id } } }),
      row.environment ? db.environment.findUnique({ where: { hash: row.environment } }) : null,
      row.rerunOf ? db.pipelineRun.findUnique({ where: { id: row.rerunOf }, select: { number: true } }) : null,
    ]);
    if (!summary) throw new Error("unreachable: one row makes one summary");
    return {
      ...summary,
      params: paramsOfRow(row.params),
      datasets: datasetsOfRow(row.datasets),
      rerunOf: origin?.number ?? null,
      cancelRequestedAt: row.cancelRequestedAt?.toISOString() ?? null,
      cancelledBy: row.cancelledBy,
      stepRuns,
      edges: edges.map((edge) => [edge.parentId, edge.childId] as const),
      environment: environment ? environmentDto(environment) : null,
    };
  },
});

import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db, Prisma } from "#server/platform/db.ts";
import {
  EvaluationColumns,
  type EvaluationDto,
  type EvaluationResultDto,
  EvaluationStatus,
  EvaluationTask,
  ListEvaluationsInput,
  StartEvaluationInput,
} from "./evaluations-contract.ts";
import { inspectTable, predictionsFile } from "./inspect-predictions.ts";
import { computeEvaluation } from "./jobs.ts";
import { activeRun } from "./run.ts";

type Row = Prisma.EvaluationGetPayload<{ include: { run: { select: { name: true } } } }>;
const withRun = { run: { select: { name: true } } } as const;

function evaluationDto(row: Row): EvaluationDto {
  return {
    id: row.id,
    runId: row.runId,
    runName: row.run.name,
    name: row.name,
    artifact: row.artifact,
    sha256: row.sha256,
    task: EvaluationTask.parse(row.task),
    positive: row.positive,
    columns: EvaluationColumns.parse(row.columns),
    status: EvaluationStatus.parse(row.status),
    error: row.error,
    // Only the job writes this column, from this very type.
    result: row.result as unknown as EvaluationResultDto | null,
    createdBy: row.createdByName,
    createdAt: row.createdAt.getTime(),
    finishedAt: row.finishedAt?.getTime() ?? null,
  };
}

async function evaluationById(db: Db, projectId: string, id: string): Promise<Row> {
  const row = z.uuid().safeParse(id).success
    ? await db.evaluation.findFirst({ where: { id, projectId }, include: withRun })
    : null;
  if (row) return row;
  throw new AppError("not_found", "There is no such evaluation in this project.", { field: "evaluation", value: id });
}

/** "holdout" for "reports/holdout.csv"; "predictions" for the file that is evaluated by itself. */
function nameOf(path: string): string {
  return (path.split("/").at(-1) ?? path).replace(/\.(csv|parquet)$/i, "");
}

/**
 * Asks for an evaluation of a file of predictions that the run logged; the worker computes it. What the request leaves out is guessed from the columns'
 * names. Errors: not_found for run or file; invalid_input when the file is no table, nothing can be guessed, or a named column is missing.
 */
export const startEvaluation = defineUseCase({
  name: "tracking.start-evaluation",
  scope: "tracking:write",
  effect: "write",
  timeoutMs: 60_000,
  input: StartEvaluationInput,
  async run({ input, actor, project, db, audit, publish, enqueue }): Promise<EvaluationDto> {
    const file = await predictionsFile(db, project.id, input.runId, input.artifact);
    const found = await inspectTable(file);
    await activeRun(db, project.id, input.runId);
    const task = input.task ?? found.guess?.task;
    const columns = input.columns ?? found.guess?.columns;
    if (!task || !columns)
      throw new AppError("invalid_input", found.notes[0] ?? "The columns cannot be guessed.", {
        field: "columns",
        remedy: `Name them: the file has ${found.columns.map((column) => column.name).join(", ")}.`,
      });
    checkColumns(found.columns, columns);
    const row = await db.evaluation.create({
      data: {
        projectId: project.id,
        runId: input.runId,
        name: input.name || nameOf(file.path),
        artifact: file.path,
        sha256: file.sha256,
        task,
        columns: { ...columns, probabilities: columns.probabilities.map((one) => ({ ...one })) },
        positive:
          task === "regression"
            ? null
            : input.positive === undefined
              ? (found.guess?.positive ?? null)
              : input.positive,
        createdBy: actor.userId,
        createdByName: actor.name,
      },
      include: withRun,
    });
    await enqueue(computeEvaluation, { projectId: project.id, evaluationId: row.id });
    await audit({
      action: "run.evaluated",
      subject: { type: "run", id: row.runId },
      summary: `${actor.name} had ${file.path} of the run ${row.run.name} evaluated`,
      details: { evaluation: row.id, artifact: file.path, sha256: file.sha256, task },
    });
    await publish("runs", row.runId);
    return evaluationDto(row);
  },
});

function checkColumns(known: readonly { readonly name: string }[], columns: EvaluationColumns): void {
  const named = [
    columns.label,
    ...(columns.prediction === null ? [] : [columns.prediction]),
    ...columns.probabilities.map((one) => one.column),
    ...columns.segments,
  ];
  const missing = named.find((name) => !known.some((column) => column.name === name));
  if (missing !== undefined)
    throw new AppError("invalid_input", `The file has no column '${missing}'.`, {
      field: "columns",
      value: missing,
      remedy: `Its columns are ${known.map((column) => column.name).join(", ")}.`,
    });
}

/** The evaluations of the named runs, newest first. */
export const listEvaluations = defineUseCase({
  name: "tracking.list-evaluations",
  scope: "tracking:read",
  effect: "read",
  input: ListEvaluationsInput,
  async run({ input, project, db }): Promise<EvaluationDto[]> {
    const rows = await db.evaluation.findMany({
      where: { projectId: project.id, runId: { in: input.runs } },
      include: withRun,
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      take: 500,
    });
    return rows.map(evaluationDto);
  },
});

/** One evaluation with everything that was computed. Errors: not_found. */
export const getEvaluation = defineUseCase({
  name: "tracking.get-evaluation",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ evaluation: z.string() }),
  async run({ input, project, db }): Promise<EvaluationDto> {
    return evaluationDto(await evaluationById(db, project.id, input.evaluation));
  },
});

/** Removes an evaluation; the file it was computed from stays. Errors: not_found. */
export const deleteEvaluation = defineUseCase({
  name: "tracking.delete-evaluation",
  scope: "tracking:write",
  effect: "write",
  input: z.object({ evaluation: z.string() }),
  async run({ input, actor, project, db, audit, publish }) {
    const row = await evaluationById(db, project.id, input.evaluation);
    await db.evaluation.delete({ where: { id: row.id } });
    await audit({
      action: "run.evaluation_deleted",
      subject: { type: "run", id: row.runId },
      summary: `${actor.name} removed the evaluation ${row.name} of the run ${row.run.name}`,
      details: { evaluation: row.id, artifact: row.artifact, sha256: row.sha256 },
    });
    await publish("runs", row.runId);
    return { id: row.id };
  },
});

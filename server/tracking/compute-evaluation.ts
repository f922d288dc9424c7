import { isAppError, messageOf } from "#server/kernel/errors.ts";
import { type Prisma, prisma } from "#server/platform/db.ts";
import { announceNow } from "#server/platform/events.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import { localPath } from "#server/platform/objects.ts";
import { TableFile } from "#server/platform/table-file.ts";
import { EvaluationColumns, EvaluationTask } from "./evaluations-contract.ts";
import type { EvaluationRef } from "./jobs.ts";
import { readPredictions, tableFormatOf } from "./predictions-table.ts";
import { scorePredictions } from "./score-predictions.ts";

/** The job: reads the file, computes everything and stores it. Safe to repeat; what is wrong with the file is the evaluation's result. */
export async function computeEvaluationJob(
  { projectId, evaluationId }: EvaluationRef,
  { log }: JobContext,
): Promise<void> {
  const db = prisma();
  const row = await db.evaluation.findFirst({ where: { id: evaluationId, projectId } });
  if (!row || row.status === "done") return;
  const began = performance.now();
  const tell = () => announceNow({ projectId, topic: "runs", id: row.runId });
  // updateMany: the evaluation may be removed while it is computed.
  const store = (data: Prisma.EvaluationUpdateManyMutationInput) =>
    db.evaluation.updateMany({ where: { id: evaluationId }, data });
  await store({ status: "running", error: null });
  await tell();
  try {
    await using table = await TableFile.open(await localPath(row.sha256), tableFormatOf(row.artifact) ?? "csv");
    const data = await readPredictions(table, {
      task: EvaluationTask.parse(row.task),
      columns: EvaluationColumns.parse(row.columns),
      positive: row.positive,
    });
    const result = await scorePredictions(data);
    const positive =
      data.task === "classification" && data.positive !== null ? (data.classes[data.positive] ?? null) : null;
    await store({
      status: "done",
      positive,
      result: result as unknown as Prisma.InputJsonValue,
      finishedAt: new Date(),
    });
    log.info({ run: row.runId, rows: result.n, ms: Math.round(performance.now() - began) }, "predictions evaluated");
  } catch (error) {
    const known = isAppError(error);
    const text = known ? [error.message, error.place.remedy].filter(Boolean).join(" ") : messageOf(error);
    await store({ status: "failed", error: text, finishedAt: new Date() });
    // A wrong file stays wrong; anything else may pass.
    if (!known) throw error;
  } finally {
    await tell();
  }
}

import { issueStepToken } from "#server/identity/index.ts";
import { pool, prisma } from "#server/platform/db.ts";
import { announceNow } from "#server/platform/events.ts";
import type { ClaimedStep } from "./claim-step.ts";
import { stepLabel } from "./stored-run.ts";

/** Records where an attempt without a process of its own runs. */
export async function recordIsolation(attemptId: string, isolation: string): Promise<void> {
  await prisma().stepAttempt.update({ where: { id: attemptId }, data: { isolation } });
}

const TOKEN_GRACE_MS = 60_000;

/**
 * Issues the API token that the step's process gets. It carries the step's lineage, works in the run's project only, and ends with the attempt, at the
 * latest with the step's time limit. `isolation`, how the process is kept apart, is recorded with it.
 */
export async function issueAttemptToken(claimed: ClaimedStep, isolation: string): Promise<string> {
  const { run, step } = claimed;
  return await prisma().$transaction(async (tx) => {
    const token = await issueStepToken(tx, {
      userId: run.createdBy,
      projectId: run.projectId,
      expiresAt: new Date(Date.now() + step.timeoutMs + TOKEN_GRACE_MS),
      step: {
        pipelineRunId: run.id,
        step: stepLabel({ name: step.id, matrixKey: claimed.matrixKey }),
        commit: run.commit,
        datasetVersionIds: Object.values(run.datasets).map((dataset) => dataset.id),
      },
    });
    await tx.stepAttempt.update({ where: { id: claimed.attemptId }, data: { tokenId: token.id, isolation } });
    return token.secret;
  });
}

/** Appends to an attempt's log and tells whoever follows it. Does nothing when the worker no longer holds the attempt. */
export async function appendLog(options: {
  workerId: string;
  attemptId: string;
  projectId: string;
  seq: number;
  text: string;
}): Promise<void> {
  const { workerId, attemptId, projectId, seq, text } = options;
  const { rowCount } = await pool().query(
    `with mine as (
       update step_attempts set log_bytes = log_bytes + $4 where id = $1 and worker_id = $2 and status = 'running' returning id)
     insert into step_log_chunks (attempt_id, seq, text) select id, $3, $5 from mine`,
    [attemptId, workerId, seq, Buffer.byteLength(text), text],
  );
  if (rowCount === 1) await announceNow({ projectId, topic: "step-logs", id: attemptId });
}

/** Notes that a log was cut at its limit. */
export async function markLogTruncated(attemptId: string): Promise<void> {
  await prisma().stepAttempt.update({ where: { id: attemptId }, data: { logTruncated: true } });
}

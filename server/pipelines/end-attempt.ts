import type { Db, Prisma } from "#server/platform/db.ts";
import { revokeStepToken } from "#server/identity/index.ts";
import { announce } from "#server/platform/events.ts";
import type { GateResult, StepResult, StoredOutput } from "./contract.ts";
import { closeRunsOfStep } from "#server/tracking/index.ts";
import { finishRunIfDone } from "./finish-run.ts";
import { retryDelay } from "./retry.ts";
import { stepLabel, stepSpecOfRow } from "./stored-run.ts";

export type AttemptStatus = "succeeded" | "failed" | "lost" | "timed_out" | "out_of_memory" | "cancelled";

/** How an attempt ended. */
export interface AttemptOutcome {
  readonly status: AttemptStatus;
  /** exit, timeout, out_of_memory, lost, stopped, output, gate, register, score, start, cancelled; null on success. */
  readonly reason: string | null;
  /** The reason as a sentence; null on success. */
  readonly message: string | null;
  readonly exitCode?: number | null;
  readonly peakRssBytes?: number | null;
  readonly outputs?: Readonly<Record<string, StoredOutput>>;
  readonly gate?: GateResult | null;
  readonly result?: StepResult | null;
}

interface AttemptRow {
  readonly id: string;
  readonly stepId: string;
  readonly tokenId: string | null;
}

/** What a tracked run becomes that its step left open. */
const RUN_STATUS = {
  succeeded: "FINISHED",
  failed: "FAILED",
  timed_out: "KILLED",
  out_of_memory: "KILLED",
  lost: "KILLED",
  cancelled: "KILLED",
} as const satisfies Record<AttemptStatus, string>;

const json = (value: unknown): Prisma.InputJsonValue => value as Prisma.InputJsonValue;

/**
 * Ends one running attempt and moves the run's graph on, all in the caller's transaction: the step succeeds, waits for its next attempt, or fails with all
 * that depends on it; what it was the last condition of becomes ready; the run ends with its last step. The run's row is locked first, so that transitions
 * of one run follow each other. The caller has made sure that the attempt is running and whose it is.
 */
export async function endAttempt(tx: Db, attempt: AttemptRow, outcome: AttemptOutcome): Promise<void> {
  const { runId, projectId } = await tx.step.findUniqueOrThrow({
    where: { id: attempt.stepId },
    select: { runId: true, projectId: true },
  });
  await tx.$queryRaw`select id::text from pipeline_runs where id = ${runId}::uuid for update`;
  const run = await tx.pipelineRun.findUniqueOrThrow({ where: { id: runId }, select: { cancelRequestedAt: true } });
  const step = await tx.step.findUniqueOrThrow({ where: { id: attempt.stepId } });
  const { startedAt } = await tx.stepAttempt.update({
    where: { id: attempt.id },
    select: { startedAt: true },
    data: {
      status: outcome.status,
      finishedAt: new Date(),
      reason: outcome.reason,
      message: outcome.message,
      ...(outcome.exitCode === undefined ? {} : { exitCode: outcome.exitCode }),
      ...(outcome.peakRssBytes == null ? {} : { peakRssBytes: BigInt(Math.round(outcome.peakRssBytes)) }),
    },
  });
  if (attempt.tokenId) await revokeStepToken(tx, attempt.tokenId);
  await closeRunsOfStep(tx, {
    projectId,
    pipelineRunId: runId,
    step: stepLabel(step),
    since: startedAt,
    status: RUN_STATUS[outcome.status],
  });
  if (step.status === "running") await moveStep(tx, step, outcome, run.cancelRequestedAt !== null);
  await finishRunIfDone(tx, runId);
  await announce(tx, { projectId, topic: "pipelines", id: runId });
}

async function moveStep(
  tx: Db,
  step: { id: string; runId: string; name: string; spec: Prisma.JsonValue },
  outcome: AttemptOutcome,
  cancelled: boolean,
): Promise<void> {
  const now = new Date();
  const findings = {
    ...(outcome.outputs ? { outputs: json(outcome.outputs) } : {}),
    ...(outcome.gate ? { gate: json(outcome.gate) } : {}),
    ...(outcome.result ? { result: json(outcome.result) } : {}),
  };
  if (outcome.status === "succeeded") {
    await tx.step.update({ where: { id: step.id }, data: { ...findings, status: "succeeded", finishedAt: now } });
    await releaseChildren(tx, step.id);
    return;
  }
  if (cancelled || outcome.status === "cancelled") {
    await tx.step.update({ where: { id: step.id }, data: { ...findings, status: "cancelled", finishedAt: now } });
    return;
  }
  const wait = await nextWait(tx, step, outcome.reason ?? "");
  if (wait !== null) {
    await tx.step.update({
      where: { id: step.id },
      data: { status: "ready", readyAt: now, notBefore: wait === 0 ? null : new Date(now.getTime() + wait) },
    });
    return;
  }
  await tx.step.update({
    where: { id: step.id },
    data: { ...findings, status: "failed", finishedAt: now, reason: outcome.reason, error: outcome.message },
  });
  await skipDescendants(tx, step.id, step.name);
}

/** Milliseconds until the next attempt, null for none. A worker that was told to stop gives its steps back without using up an attempt. */
async function nextWait(tx: Db, step: { id: string; spec: Prisma.JsonValue }, reason: string): Promise<number | null> {
  if (reason === "stopped") return 0;
  const used = await tx.stepAttempt.count({ where: { stepId: step.id, NOT: { reason: "stopped" } } });
  return retryDelay(stepSpecOfRow(step.spec).retries, reason, used - 1);
}

async function releaseChildren(tx: Db, stepId: string): Promise<void> {
  await tx.$executeRaw`
    update steps set
      pending_deps = pending_deps - 1,
      status = case when pending_deps = 1 then 'ready' else status end,
      ready_at = case when pending_deps = 1 then now() else ready_at end
    where status = 'pending' and id in (select child_id from step_edges where parent_id = ${stepId}::uuid)`;
}

async function skipDescendants(tx: Db, stepId: string, name: string): Promise<void> {
  await tx.$executeRaw`
    with recursive below as (
      select child_id from step_edges where parent_id = ${stepId}::uuid
      union
      select e.child_id from step_edges e join below b on e.parent_id = b.child_id)
    update steps set status = 'skipped', finished_at = now(), error = ${`Skipped, as step '${name}' failed.`}
    where status = 'pending' and id in (select child_id from below)`;
}

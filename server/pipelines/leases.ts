import { isUuid } from "#server/kernel/ids.ts";
import { pool, prisma } from "#server/platform/db.ts";
import { type AttemptOutcome, endAttempt } from "./end-attempt.ts";

/** How long a worker may be silent before its steps are given to another. */
export const LEASE_MS = 15_000;
/** How often it says that it lives. */
export const BEAT_MS = 4_000;
/**
 * When a worker that cannot reach the database must have ended its own processes: before the lease runs out, as after it another worker starts them.
 */
export const SELF_FENCE_MS = 11_000;

/**
 * Extends the leases that this worker still holds. An attempt that is missing from `held` was given to another worker or has ended: its process must die at
 * once, and its results count for nothing. `cancelled`: those whose run somebody cancelled.
 */
export async function renewLeases(
  workerId: string,
  attemptIds: readonly string[],
): Promise<{ held: ReadonlySet<string>; cancelled: ReadonlySet<string> }> {
  if (attemptIds.length === 0) return { held: new Set(), cancelled: new Set() };
  const { rows } = await pool().query<{ id: string; cancelled: boolean }>(
    `update step_attempts a set lease_until = now() + $3 * interval '1 millisecond'
     from steps s join pipeline_runs r on r.id = s.run_id
     where a.id = any($1::uuid[]) and a.worker_id = $2 and a.status = 'running' and a.lease_until > now() and s.id = a.step_id
     returning a.id, r.cancel_requested_at is not null as cancelled`,
    [attemptIds, workerId, LEASE_MS],
  );
  return {
    held: new Set(rows.map((row) => row.id)),
    cancelled: new Set(rows.filter((row) => row.cancelled).map((row) => row.id)),
  };
}

/**
 * Ends an attempt with what came out of it. Returns false, and changes nothing, when the worker no longer holds it: the lease ran out and the step was
 * given to another. This check, in the transaction that stores the outputs, is what keeps two workers from both finishing a step.
 */
export async function finishAttempt(workerId: string, attemptId: string, outcome: AttemptOutcome): Promise<boolean> {
  return await prisma().$transaction(
    async (tx) => {
      const [attempt] = await tx.$queryRaw<{ id: string; stepId: string; tokenId: string | null }[]>`
        select id::text, step_id::text as "stepId", token_id::text as "tokenId" from step_attempts
        where id = ${attemptId}::uuid and worker_id = ${workerId}::uuid and status = 'running' and lease_until > now() for update`;
      if (!attempt) return false;
      await endAttempt(tx, attempt, outcome);
      return true;
    },
    { timeout: 15_000, maxWait: 10_000 },
  );
}

const LOST = "The worker that ran this step stopped answering.";

/** Ends every attempt whose lease ran out, so that its step can be taken over. Returns how many there were. Any worker may call it at any time. */
export async function recoverLostAttempts(): Promise<number> {
  const { rows } = await pool().query<{ id: string }>(
    "select id from step_attempts where status = 'running' and lease_until < now() limit 100",
  );
  let recovered = 0;
  for (const { id } of rows) {
    const ended = await prisma().$transaction(async (tx) => {
      // Asked again under the lock: the worker may have come back in time, or another one may be recovering the same.
      const [attempt] = await tx.$queryRaw<{ id: string; stepId: string; tokenId: string | null }[]>`
        select id::text, step_id::text as "stepId", token_id::text as "tokenId" from step_attempts
        where id = ${id}::uuid and status = 'running' and lease_until < now() for update skip locked`;
      if (!attempt) return false;
      await endAttempt(tx, attempt, { status: "lost", reason: "lost", message: LOST });
      return true;
    });
    if (ended) recovered += 1;
  }
  return recovered;
}

/** Which of these ids are attempts that are running somewhere. */
export async function listRunningAttempts(ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await prisma().stepAttempt.findMany({
    where: { id: { in: ids.filter(isUuid) }, status: "running" },
    select: { id: true },
  });
  return new Set(rows.map((row) => row.id));
}

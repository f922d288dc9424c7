import { systemActor } from "#server/identity/index.ts";
import { writeAudit } from "#server/platform/audit.ts";
import type { Db } from "#server/platform/db.ts";
import { announce } from "#server/platform/events.ts";
import type { RunStatus } from "./contract.ts";

/**
 * Ends the tracked runs that a pipeline step left open: its process is gone, so nobody else will. For code that ends a step, in its transaction.
 * `step` is what the step's token says ("train (basis=linear)"); runs begun before `since` belong to an earlier attempt.
 */
export async function closeRunsOfStep(
  tx: Db,
  open: { projectId: string; pipelineRunId: string; step: string; since: Date; status: RunStatus },
): Promise<void> {
  const { projectId, pipelineRunId, step, since, status } = open;
  const closed = await tx.run.updateManyAndReturn({
    where: {
      projectId,
      pipelineRunId,
      pipelineStep: step,
      status: { in: ["RUNNING", "SCHEDULED"] },
      createdAt: { gte: since },
    },
    data: { status, endTime: BigInt(Date.now()) },
    select: { id: true, name: true },
  });
  for (const { id, name } of closed) {
    await writeAudit(tx, systemActor("worker"), projectId, {
      action: "run.ended",
      subject: { type: "run", id },
      summary: `The run ${name} was ended as ${status.toLowerCase()}, since its pipeline step ended`,
      details: { status, pipelineRunId, step },
    });
    await announce(tx, { projectId, topic: "runs", id });
  }
}

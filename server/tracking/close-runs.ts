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
  const { count } = await tx.run.updateMany({
    where: {
      projectId,
      pipelineRunId,
      pipelineStep: step,
      status: { in: ["RUNNING", "SCHEDULED"] },
      createdAt: { gte: since },
    },
    data: { status, endTime: BigInt(Date.now()) },
  });
  if (count > 0) await announce(tx, { projectId, topic: "runs", id: pipelineRunId });
}

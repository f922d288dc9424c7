import { uuidv7 } from "#server/kernel/ids.ts";
import { prisma, transaction } from "#server/platform/db.ts";
import { announceNow } from "#server/platform/events.ts";
import { type PinnedDataset, StoredOutputs } from "./contract.ts";
import { LEASE_MS } from "./leases.ts";
import { cellsOf, type PipelineSpec, type Scalar, type StepSpec } from "./spec.ts";
import { datasetsOfRow, paramsOfRow, specOfRow, stepSpecOfRow } from "./stored-run.ts";

/** Everything a worker needs to run one attempt at a step. */
export interface ClaimedStep {
  readonly attemptId: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly stepId: string;
  readonly step: StepSpec;
  readonly matrixKey: string;
  readonly matrix: Readonly<Record<string, Scalar>>;
  readonly run: {
    readonly id: string;
    readonly number: number;
    readonly projectId: string;
    readonly projectSlug: string;
    readonly pipeline: string;
    readonly commit: string;
    readonly env: PipelineSpec["env"];
    readonly params: Readonly<Record<string, Scalar>>;
    readonly datasets: Readonly<Record<string, PinnedDataset>>;
    readonly createdBy: string | null;
    readonly createdByName: string;
  };
  /** Of the steps that this one needs: their outputs, per step in cell order. */
  readonly upstream: Readonly<Record<string, readonly StoredOutputs[]>>;
}

type StoredOutputs = ReturnType<typeof StoredOutputs.parse>;

/**
 * Takes the step that has been ready longest and opens an attempt with a lease for the worker, or returns null when nothing is ready. Two workers never
 * get the same step: a row that another one is taking is skipped. A step counts `ceil(cpu)` slots, but no more than the worker has at all, so that a large
 * step runs alone on a small worker instead of never.
 */
export async function claimStep(worker: { id: string; slots: number; freeSlots: number }): Promise<ClaimedStep | null> {
  const attemptId = uuidv7();
  const claimed = await transaction(async (client) => {
    const picked = await client.query<{ id: string; run_id: string; run_status: string }>(
      `select s.id, s.run_id, r.status as run_status from steps s join pipeline_runs r on r.id = s.run_id
       where s.status = 'ready' and (s.not_before is null or s.not_before <= now()) and r.cancel_requested_at is null
         and least(ceil((s.spec->>'cpu')::float8), $1::int) <= $2::int
       order by s.ready_at, s.position limit 1 for update of s skip locked`,
      [worker.slots, worker.freeSlots],
    );
    const step = picked.rows[0];
    if (!step) return null;
    await client.query(
      "update steps set status = 'running', started_at = coalesce(started_at, now()), not_before = null where id = $1",
      [step.id],
    );
    const made = await client.query<{ number: number }>(
      `insert into step_attempts (id, step_id, number, worker_id, lease_until)
       select $1, $2, coalesce(max(number), 0) + 1, $3, now() + $4 * interval '1 millisecond' from step_attempts where step_id = $2
       returning number`,
      [attemptId, step.id, worker.id, LEASE_MS],
    );
    return {
      stepId: step.id,
      runId: step.run_id,
      queued: step.run_status === "queued",
      attempt: made.rows[0]?.number ?? 1,
    };
  });
  if (!claimed) return null;
  // Apart from the claim: it takes the step's row first and then the run's, every other transition the other way round.
  if (claimed.queued)
    await prisma().pipelineRun.updateMany({
      where: { id: claimed.runId, status: "queued" },
      data: { status: "running", startedAt: new Date() },
    });
  return await load(attemptId, claimed);
}

async function load(
  attemptId: string,
  claimed: { stepId: string; runId: string; attempt: number },
): Promise<ClaimedStep> {
  const db = prisma();
  const [run, row] = await Promise.all([
    db.pipelineRun.findUniqueOrThrow({
      where: { id: claimed.runId },
      include: { project: { select: { slug: true } } },
    }),
    db.step.findUniqueOrThrow({ where: { id: claimed.stepId } }),
  ]);
  await announceNow({ projectId: run.projectId, topic: "pipelines", id: run.id });
  const step = stepSpecOfRow(row.spec);
  const parents =
    step.needs.length === 0
      ? []
      : await db.step.findMany({
          where: { runId: run.id, name: { in: [...step.needs] } },
          orderBy: { position: "asc" },
        });
  const upstream: Record<string, StoredOutputs[]> = {};
  for (const parent of parents) (upstream[parent.name] ??= []).push(StoredOutputs.parse(parent.outputs));
  const spec = specOfRow(run.spec);
  const cell = cellsOf(step.matrix).find((candidate) => candidate.key === row.matrixKey);
  return {
    attemptId,
    attempt: claimed.attempt,
    stepId: row.id,
    step,
    matrixKey: row.matrixKey,
    matrix: cell?.values ?? {},
    run: {
      id: run.id,
      number: run.number,
      projectId: run.projectId,
      projectSlug: run.project.slug,
      pipeline: run.pipeline,
      commit: run.commit,
      env: spec.env,
      params: paramsOfRow(run.params),
      datasets: datasetsOfRow(run.datasets),
      createdBy: run.createdBy,
      createdByName: run.createdByName,
    },
    upstream,
  };
}

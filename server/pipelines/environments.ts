import { pool, prisma } from "#server/platform/db.ts";
import { announce, announceNow } from "#server/platform/events.ts";
import type { EnvironmentDto } from "./contract.ts";
import { EnvironmentProgress } from "./contract.ts";
import { closeRun } from "./finish-run.ts";
import type { PipelineSpec } from "./spec.ts";

/** A run whose steps wait for their Python environment. */
export interface WaitingRun {
  readonly runId: string;
  readonly projectId: string;
  readonly number: number;
  readonly commit: string;
  readonly env: NonNullable<PipelineSpec["env"]>;
  /** Hash of the environment, once a worker has worked it out. */
  readonly environment: string | null;
}

/** The runs that wait for an environment, oldest first. */
export async function listWaitingRuns(): Promise<WaitingRun[]> {
  // Runs without an environment may be queued in any number; they must not be read here, nor stand in the way.
  const { rows } = await pool().query<WaitingRun>(
    `select id as "runId", project_id as "projectId", number, "commit", spec->'env' as env, environment from pipeline_runs
     where status in ('queued', 'preparing') and cancel_requested_at is null and json_typeof(spec->'env') = 'object'
     order by created_at limit 100`,
  );
  return rows;
}

/** Notes which environment a run waits for. */
export async function beginPreparing(run: WaitingRun, hash: string): Promise<void> {
  const { count } = await prisma().pipelineRun.updateMany({
    where: { id: run.runId, status: { in: ["queued", "preparing"] }, NOT: { environment: hash, status: "preparing" } },
    data: { status: "preparing", environment: hash, startedAt: new Date() },
  });
  if (count > 0) await announceNow({ projectId: run.projectId, topic: "pipelines", id: run.runId });
}

/** Lets the first steps of a run go: its environment is ready. Does nothing for a run that was cancelled meanwhile. */
export async function releasePreparedRun(run: WaitingRun, hash: string): Promise<void> {
  await prisma().$transaction(async (tx) => {
    await tx.$queryRaw`select id::text from pipeline_runs where id = ${run.runId}::uuid for update`;
    const now = new Date();
    const { count } = await tx.pipelineRun.updateMany({
      where: { id: run.runId, status: { in: ["queued", "preparing"] }, cancelRequestedAt: null },
      data: { status: "running", environment: hash },
    });
    if (count === 0) return;
    await tx.$executeRaw`update pipeline_runs set started_at = coalesce(started_at, ${now}) where id = ${run.runId}::uuid`;
    await tx.step.updateMany({
      where: { runId: run.runId, status: "pending", pendingDeps: 0 },
      data: { status: "ready", readyAt: now },
    });
    await tx.environment.updateMany({ where: { hash }, data: { lastUsedAt: now } });
    await announce(tx, { projectId: run.projectId, topic: "pipelines", id: run.runId });
  });
}

/** Ends a run whose environment cannot be had; none of its steps begins. */
export async function failPreparation(run: WaitingRun, error: string): Promise<void> {
  await prisma().$transaction(async (tx) => {
    await tx.$queryRaw`select id::text from pipeline_runs where id = ${run.runId}::uuid for update`;
    const waiting = await tx.pipelineRun.count({
      where: { id: run.runId, status: { in: ["queued", "preparing"] }, cancelRequestedAt: null },
    });
    if (waiting === 0) return;
    await tx.step.updateMany({
      where: { runId: run.runId, status: { in: ["pending", "ready"] } },
      data: {
        status: "skipped",
        finishedAt: new Date(),
        error: "Skipped, as the Python environment could not be built.",
      },
    });
    await closeRun(tx, run.runId, "failed", error);
  });
}

export interface EnvironmentState {
  readonly hash: string;
  readonly kind: string;
  readonly requirements: string;
  readonly python: string;
  readonly status: "building" | "ready" | "failed";
  readonly progress: EnvironmentProgress;
  readonly log: string;
  readonly error: string | null;
  readonly sizeBytes: number | null;
  readonly workerId: string;
  readonly startedAt: Date;
}

/** Stores how far an environment is and shows it on the pages of the runs that wait for it. */
export async function saveEnvironment(state: EnvironmentState): Promise<void> {
  const { hash, sizeBytes, progress, ...rest } = state;
  const now = new Date();
  const data = {
    ...rest,
    progress: { ...progress },
    sizeBytes: sizeBytes === null ? null : BigInt(sizeBytes),
    finishedAt: state.status === "building" ? null : now,
    ...(state.status === "ready" ? { lastUsedAt: now } : {}),
  };
  await prisma().environment.upsert({ where: { hash }, create: { hash, ...data }, update: data });
  const waiting = await prisma().pipelineRun.findMany({
    where: { environment: hash, finishedAt: null },
    select: { id: true, projectId: true },
  });
  for (const run of waiting) await announceNow({ projectId: run.projectId, topic: "pipelines", id: run.id });
}

type Row = NonNullable<Awaited<ReturnType<ReturnType<typeof prisma>["environment"]["findUnique"]>>>;

export function environmentDto(row: Row): EnvironmentDto {
  return {
    hash: row.hash,
    kind: row.kind,
    python: row.python,
    status: row.status,
    progress: EnvironmentProgress.parse(row.progress),
    error: row.error,
    log: row.log,
    sizeBytes: row.sizeBytes === null ? null : Number(row.sizeBytes),
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

import { AppError } from "#server/kernel/errors.ts";
import { type Db, Prisma } from "#server/platform/db.ts";
import { type RunInfoDto, RunStatus } from "./contract.ts";

export interface RunRow {
  readonly id: string;
  readonly experimentId: string;
  readonly experiment: number;
  readonly experimentName: string;
  readonly name: string;
  readonly status: string;
  readonly startTime: number;
  readonly endTime: number | null;
  readonly lifecycleStage: string;
  readonly userName: string;
  readonly createdBy: string | null;
  readonly commit: string | null;
  readonly pipelineRunId: string | null;
  readonly pipelineStep: string | null;
  readonly pipeline: string | null;
  readonly pipelineNumber: number | null;
}

/** The columns of a RunRow; runs as r, experiments as e. */
export const RUN_COLUMNS = Prisma.sql`
  r.id, r.experiment_id as "experimentId", e.number as experiment, e.name as "experimentName", r.name, r.status,
  r.start_time::float8 as "startTime", r.end_time::float8 as "endTime", r.lifecycle_stage as "lifecycleStage", r.user_name as "userName",
  (select u.name from users u where u.id = r.created_by) as "createdBy",
  r.commit, r.pipeline_run_id as "pipelineRunId", r.pipeline_step as "pipelineStep",
  (select p.pipeline from pipeline_runs p where p.id = r.pipeline_run_id) as pipeline,
  (select p.number from pipeline_runs p where p.id = r.pipeline_run_id) as "pipelineNumber"`;

export function runInfo(row: RunRow): RunInfoDto {
  const { experimentId: _experimentId, pipelineRunId, pipelineStep, pipeline, pipelineNumber, ...info } = row;
  return {
    ...info,
    pipeline:
      pipelineRunId === null
        ? null
        : { runId: pipelineRunId, step: pipelineStep ?? "", name: pipeline, number: pipelineNumber },
    status: RunStatus.parse(row.status),
    lifecycleStage: row.lifecycleStage === "deleted" ? "deleted" : "active",
  };
}

export const runNotFound = (id: string) =>
  new AppError("not_found", `Run with id=${id} not found`, {
    field: "run_id",
    value: id,
    remedy: "Runs belong to one project; use a token of the project in which it was made.",
  });

/** One run without what it logged. Errors: not_found. */
export async function runById(db: Db, projectId: string, id: string): Promise<RunRow> {
  const rows = await db.$queryRaw<RunRow[]>`
    select ${RUN_COLUMNS} from runs r join experiments e on e.id = r.experiment_id
    where r.project_id = ${projectId}::uuid and r.id = ${id}`;
  const [row] = rows;
  if (!row) throw runNotFound(id);
  return row;
}

/** Refuses a run that is not the project's. Errors: not_found. */
export async function runExists(db: Db, projectId: string, id: string): Promise<void> {
  const found = await db.run.findFirst({ where: { id, projectId }, select: { id: true } });
  if (!found) throw runNotFound(id);
}

/** Refuses to change a run that was deleted. A finished run stays open for more: clients log results after the end. */
export function checkActiveRun(run: { readonly id: string; readonly lifecycleStage: string }): void {
  if (run.lifecycleStage !== "active")
    throw new AppError(
      "invalid_input",
      `The run ${run.id} must be in the 'active' state. Current state is ${run.lifecycleStage}.`,
      { field: "run_id", value: run.id, remedy: "Restore the run first." },
    );
}

/**
 * The run, locked against being deleted while something is written to it. Cheaper than `runById`: what the hot writes need and no more.
 * Errors: not_found; invalid_input for a deleted run.
 */
export async function activeRun(db: Db, projectId: string, id: string): Promise<{ id: string; experimentId: string }> {
  const rows = await db.$queryRaw<{ id: string; lifecycleStage: string; experimentId: string }[]>`
    select id, lifecycle_stage as "lifecycleStage", experiment_id as "experimentId" from runs
    where project_id = ${projectId}::uuid and id = ${id} for share`;
  const [row] = rows;
  if (!row) throw runNotFound(id);
  checkActiveRun(row);
  return row;
}

import type { Db } from "#server/platform/db.ts";

/** Milliseconds: the median duration of the last 20 succeeded runs of each pipeline file in the project. */
export async function runMedians(
  db: Db,
  projectId: string,
  pipelines: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db.$queryRaw<{ pipeline: string; ms: number }[]>`
    select pipeline, percentile_cont(0.5) within group (order by ms) as ms from (
      select pipeline, extract(epoch from finished_at - started_at) * 1000 as ms,
        row_number() over (partition by pipeline order by number desc) as nth
      from pipeline_runs
      where project_id = ${projectId}::uuid and pipeline = any(${[...new Set(pipelines)]}) and status = 'succeeded' and started_at is not null) recent
    where nth <= 20 group by pipeline`;
  return new Map(rows.map((row) => [row.pipeline, row.ms]));
}

/** Milliseconds by "step name matrix key": the median over the last 20 times that the step succeeded in earlier runs of the pipeline. */
export async function stepMedians(
  db: Db,
  run: { projectId: string; pipeline: string; number: number },
): Promise<Map<string, number>> {
  const rows = await db.$queryRaw<{ key: string; ms: number }[]>`
    select key, percentile_cont(0.5) within group (order by ms) as ms from (
      select s.name || ' ' || s.matrix_key as key, extract(epoch from s.finished_at - s.started_at) * 1000 as ms,
        row_number() over (partition by s.name, s.matrix_key order by r.number desc) as nth
      from pipeline_runs r join steps s on s.run_id = r.id
      where r.project_id = ${run.projectId}::uuid and r.pipeline = ${run.pipeline} and r.number < ${run.number} and r.number >= ${run.number - 200}
        and s.status = 'succeeded' and s.started_at is not null) recent
    where nth <= 20 group by key`;
  return new Map(rows.map((row) => [row.key, row.ms]));
}

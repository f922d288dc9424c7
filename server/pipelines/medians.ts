import type { Db } from "#server/platform/db.ts";

/** Milliseconds by run id: the median duration of the last 20 runs of the same pipeline that succeeded before the run. */
export async function runMedians(db: Db, projectId: string, runIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await db.$queryRaw<{ id: string; ms: number | null }[]>`
    select r.id::text, (
      select percentile_cont(0.5) within group (order by ms) from (
        select extract(epoch from p.finished_at - p.started_at) * 1000 as ms from pipeline_runs p
        where p.project_id = r.project_id and p.pipeline = r.pipeline and p.number < r.number
          and p.status = 'succeeded' and p.started_at is not null
        order by p.number desc limit 20) earlier) as ms
    from pipeline_runs r where r.project_id = ${projectId}::uuid and r.id = any(${runIds}::uuid[])`;
  return new Map(rows.flatMap((row) => (row.ms === null ? [] : [[row.id, row.ms]])));
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

import type { Actor } from "#server/identity/index.ts";
import { AUDIT_COLUMNS } from "#server/platform/audit.ts";
import { pool } from "#server/platform/db.ts";
import { changeNotice } from "#server/platform/events.ts";
import type { KeyValue, RunDatasetDto } from "./contract.ts";
import type { RunRow } from "./run.ts";

export interface NewRun {
  readonly id: string;
  readonly projectId: string;
  /** The experiment by the number that clients know. */
  readonly experiment: number;
  readonly name: string;
  readonly startTime: number;
  readonly userName: string;
  readonly tags: readonly KeyValue[];
  readonly actor: Actor;
}

// The run, its tags, the dataset versions that the platform mounted, the audit event and the announcement: one round trip, and by itself one transaction.
// The names of datasets are noted as they are now: a run says on what it was made even when the data later has another name.
const INSERT = `
  with e as (select id, number, name from experiments where project_id = $1::uuid and number = $2::bigint and lifecycle_stage = 'active'),
  r as (
    insert into runs (id, project_id, experiment_id, name, start_time, user_name, created_by, commit, pipeline_run_id, pipeline_step)
    select $3, $1::uuid, e.id, $4, $5::bigint, $6, $7::uuid, $8, $9::uuid, $10 from e
    returning *
  ),
  tagged as (insert into run_tags (run_id, key, value) select r.id, t.key, t.value from r, unnest($11::text[], $12::text[]) as t(key, value)),
  mounted as (
    insert into run_datasets (run_id, dataset_version_id, name, version)
    select r.id, v.id, d.name, v.version from r, dataset_versions v join datasets d on d.id = v.dataset_id
    where v.project_id = $1::uuid and v.id = any($13::uuid[])
    returning dataset_version_id, name, version
  ),
  audited as (
    insert into audit_events (${AUDIT_COLUMNS})
    select $14, $7::uuid, $15, $1::uuid, 'run.created', 'run', r.id, $15 || ' started the run ' || $4 || ' in ' || e.name, $16::jsonb, $17 from r, e
  )
  select r.id, r.experiment_id as "experimentId", e.number as experiment, e.name as "experimentName", r.name, r.status,
    r.start_time::float8 as "startTime", r.end_time::float8 as "endTime", r.lifecycle_stage as "lifecycleStage", r.user_name as "userName",
    (select u.name from users u where u.id = r.created_by) as "createdBy", r.commit, r.pipeline_run_id as "pipelineRunId",
    r.pipeline_step as "pipelineStep", p.pipeline, p.number as "pipelineNumber",
    (select json_agg(json_build_object('versionId', dataset_version_id, 'name', name, 'version', version)) from mounted) as datasets,
    pg_notify('touchstone', $18)
  from r cross join e left join pipeline_runs p on p.id = r.pipeline_run_id`;

/** Makes a run with its audit event, and announces it; null when the project has no such active experiment. */
export async function insertRun(run: NewRun): Promise<(RunRow & { datasets: RunDatasetDto[] | null }) | null> {
  const { actor, tags } = run;
  const step = actor.token?.step;
  const details = step ? { commit: step.commit, pipelineRunId: step.pipelineRunId, step: step.step } : {};
  const { rows } = await pool().query<RunRow & { datasets: RunDatasetDto[] | null }>({
    name: "insert-run",
    text: INSERT,
    values: [
      run.projectId,
      run.experiment,
      run.id,
      run.name,
      String(run.startTime),
      run.userName,
      actor.userId,
      step?.commit ?? null,
      step?.pipelineRunId ?? null,
      step?.step ?? null,
      tags.map(({ key }) => key),
      tags.map(({ value }) => value),
      step?.datasetVersionIds ?? [],
      actor.kind,
      actor.name,
      JSON.stringify(details),
      actor.requestId,
      changeNotice({ projectId: run.projectId, topic: "runs", id: run.id }),
    ],
  });
  return rows[0] ?? null;
}

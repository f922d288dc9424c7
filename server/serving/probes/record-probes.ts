import { pool, prisma } from "#server/platform/db.ts";
import { issueProbeToken } from "#server/identity/index.ts";

/** Hours are kept longer than they are shown, so that a look back at an incident finds them. */
const KEPT_DAYS = 90;

/** An endpoint to be probed, or to be left out of the count. */
export interface ProbedEndpoint {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  /** Stopped by a person, or nothing has ever answered there. */
  readonly isExcluded: boolean;
}

export interface ProbeResult {
  readonly endpointId: string;
  readonly found: "ok" | "slow" | "failed" | "excluded";
  /** What was answered instead; of a failure only. */
  readonly text: string | null;
}

/**
 * Whether this process is the one that probes in the running half minute (of the database's clock): the first to enter it into the table. Whoever enters it
 * and dies leaves a gap, which is told as unknown.
 */
export async function claimProbeSlot(): Promise<boolean> {
  const { rowCount } = await pool().query(
    `insert into probe_slots (slot) values (floor(extract(epoch from now()) / 30)::bigint) on conflict do nothing`,
  );
  return rowCount === 1;
}

/** Every endpoint there is, in projects that are not archived. */
export async function listProbed(): Promise<ProbedEndpoint[]> {
  const { rows } = await pool().query<ProbedEndpoint>(
    `select e.id, e.name, e.project_id as "projectId",
            e.state = 'stopped' or not exists (select from endpoint_deployments d where d.endpoint_id = e.id) as "isExcluded"
     from endpoints e join projects p on p.id = e.project_id and p.archived_at is null order by e.name`,
  );
  return rows;
}

/** Adds what a round of probes found to the hour in which it was made. An endpoint that was deleted meanwhile is passed over. */
export async function recordProbes(results: readonly ProbeResult[], at: Date = new Date()): Promise<void> {
  if (results.length === 0) return;
  await pool().query(
    `insert into endpoint_probe_hours as h (endpoint_id, hour, ok, slow, failed, excluded, failed_at, failure)
     select t.id, date_trunc('hour', $4::timestamptz, 'UTC'), (found = 'ok')::int, (found = 'slow')::int, (found = 'failed')::int,
            (found = 'excluded')::int, case when found = 'failed' then $4::timestamptz end, text
     from unnest($1::uuid[], $2::text[], $3::text[]) as t (id, found, text) join endpoints e on e.id = t.id
     on conflict (endpoint_id, hour) do update set
       ok = h.ok + excluded.ok, slow = h.slow + excluded.slow, failed = h.failed + excluded.failed, excluded = h.excluded + excluded.excluded,
       failed_at = coalesce(excluded.failed_at, h.failed_at), failure = coalesce(excluded.failure, h.failure)`,
    [results.map((r) => r.endpointId), results.map((r) => r.found), results.map((r) => r.text), at],
  );
}

/** Forgets probes of more than 90 days ago, and slots of yesterday. */
export async function forgetProbes(): Promise<void> {
  await pool().query("delete from endpoint_probe_hours where hour < now() - $1::int * interval '1 day'", [KEPT_DAYS]);
  await pool().query("delete from probe_slots where slot < floor(extract(epoch from now()) / 30)::bigint - 2880");
}

/** A token with which endpoints of a project may be asked whether they are ready, and until when it works. */
export async function probeToken(projectId: string, expiresAt: Date): Promise<string> {
  return (await issueProbeToken(prisma(), { projectId, expiresAt })).secret;
}

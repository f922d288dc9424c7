import { pool, prisma } from "#server/platform/db.ts";
import { enqueueJob } from "#server/platform/jobs.ts";
import { runExport, runScoring } from "../jobs.ts";
import { endWork } from "./held-work.ts";

/**
 * Takes care of bulk work that nobody has: queues what a dead worker left behind, ends what was cancelled, and lets files and parts go whose time is over.
 * Any worker may call it at any time; work that waits in the queue already waits there once. Returns how much it queued.
 */
export async function sweepBulkWork(): Promise<number> {
  const { rows } = await pool().query<{ id: string; projectId: string; kind: string; cancelled: boolean }>(
    `select id, project_id as "projectId", kind, cancel_requested_at is not null as cancelled from bulk_works
     where status in ('queued', 'running') and (lease_until is null or lease_until < now()) order by created_at limit 200`,
  );
  let queued = 0;
  for (const { id, projectId, kind, cancelled } of rows) {
    if (cancelled)
      await endWork(
        id,
        "cancel_requested_at is not null and (lease_until is null or lease_until < now())",
        "status = 'cancelled'",
        [],
      );
    else {
      await enqueueJob(prisma(), kind === "scoring" ? runScoring : runExport, { projectId, workId: id });
      queued += 1;
    }
  }
  await pool().query(
    `with expired as (
       select id, result from bulk_works where expires_at < now() and result is not null for update skip locked),
     cleared as (update bulk_works set result = null where id in (select id from expired)),
     parts as (
       delete from bulk_parts p using bulk_works w where w.id = p.work_id and w.status not in ('queued', 'running')
       returning p.sha256, p.size_bytes)
     insert into orphan_objects (sha256, size_bytes)
     select distinct on (sha256) sha256, size_bytes from (
       select result->>'sha256' as sha256, (result->>'sizeBytes')::bigint as size_bytes from expired
       union all select sha256, size_bytes from parts) gone
     on conflict (sha256) do nothing`,
  );
  return queued;
}

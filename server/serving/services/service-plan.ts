import { pool } from "#server/platform/db.ts";
import { Redaction, type ServicePlanEntry } from "../contract.ts";
import { stoppedSentence } from "../stopped.ts";

interface Row {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly path: string;
  readonly description: string;
  readonly state: string;
  readonly state_reason: string;
  readonly state_by: string | null;
  readonly state_at: Date | null;
  readonly memory_mb: number;
  readonly cpu: number;
  readonly timeout_ms: number;
  readonly redaction: unknown;
  readonly publication_id: string;
  readonly number: number;
  readonly commit: string;
}

/** What a service should answer with now: the candidates, best first. The second is there in case the newest cannot be loaded. */
export interface ServiceIntent {
  readonly name: string;
  readonly candidates: readonly ServicePlanEntry[];
}

/** Every service that is published, with its newest publication and the newest of those that answered before. */
export async function readServicePlan(): Promise<ServiceIntent[]> {
  const { rows } = await pool().query<Row>(
    `select s.id, s.project_id, s.name, s.path, s.description, s.state, s.state_reason, s.state_by, s.state_at,
            s.memory_mb, s.cpu, s.timeout_ms, s.redaction, p.id as publication_id, p.number, p."commit"
     from custom_services s
     join projects on projects.id = s.project_id and projects.archived_at is null
     join lateral (
       (select p.id, p.number, p."commit" from service_publications p where p.service_id = s.id order by p.number desc limit 1)
       union
       (select p.id, p.number, p."commit" from service_publications p where p.service_id = s.id and p.live_at is not null
        order by p.number desc limit 1)
     ) p on true
     where s.state in ('live', 'stopped')
     order by s.name, p.number desc`,
  );
  const byName = Map.groupBy(rows, (row) => row.name);
  return [...byName].map(([name, found]) => ({ name, candidates: found.map(entryOf) }));
}

function entryOf(row: Row): ServicePlanEntry {
  const isStopped = row.state === "stopped";
  return {
    serviceId: row.id,
    projectId: row.project_id,
    name: row.name,
    path: row.path,
    description: row.description,
    publicationId: row.publication_id,
    publication: row.number,
    commit: row.commit,
    memoryMb: row.memory_mb,
    cpu: row.cpu,
    timeoutMs: row.timeout_ms,
    redaction: Redaction.parse(row.redaction),
    ...(isStopped
      ? { stopped: stoppedSentence(row.name, row.state_by, row.state_at, row.state_reason, "service") }
      : {}),
  };
}

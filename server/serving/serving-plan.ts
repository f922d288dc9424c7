import { pool } from "#server/platform/db.ts";
import { localPath } from "#server/platform/objects.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { ModelSignature } from "#server/registry/contract.ts";
import type { PlanEntry, ServingPlan } from "./contract.ts";
import { stoppedSentence } from "./stopped.ts";

/** One endpoint that exists: what it should serve, or why it cannot. */
export interface Intent {
  readonly endpointId: string;
  readonly projectId: string;
  readonly endpoint: string;
  readonly isStopped: boolean;
  /** Null when there is nothing it may serve. */
  readonly entry: PlanEntry | null;
  /** The promotion request by which the entry's version became champion. */
  readonly requestId: string | null;
  /** Why there is no entry, for people; null while the model simply has no champion yet. */
  readonly problem: string | null;
}

interface Row {
  readonly id: string;
  readonly project_id: string;
  readonly name: string;
  readonly state: string;
  readonly state_reason: string;
  readonly state_by: string | null;
  readonly state_at: Date | null;
  readonly version_id: string | null;
  readonly version: number | null;
  readonly sha256: string | null;
  readonly signature: unknown;
  readonly request_id: string | null;
}

/**
 * What every endpoint should do now: serve the champion of its model, if an approved and completed promotion request names exactly that version.
 * An alias alone is not believed: whoever moves it past governance gets nothing served.
 */
export async function readIntents(): Promise<Intent[]> {
  const { rows } = await pool().query<Row>(
    `select e.id, e.project_id, e.name, e.state, e.state_reason, e.state_by, e.state_at,
            v.id as version_id, v.version, v.sha256, v.signature, r.id as request_id
     from endpoints e
     join projects p on p.id = e.project_id and p.archived_at is null
     left join model_aliases a on a.model_id = e.model_id and a.alias = 'champion'
     left join model_versions v on v.id = a.version_id and v.model_id = e.model_id and v.project_id = e.project_id
       and v.deleted_at is null
     left join lateral (
       select r.id from promotion_requests r
       where r.project_id = e.project_id and r.model_id = e.model_id and r.version_id = v.id and r.status = 'completed'
         and exists (
           select from decisions d where d.request_id = r.id and d.vote = 'approve' and d.voided_at is null
             and d.digest = r.digest and d.user_id is distinct from r.requested_by)
       order by r.closed_at desc nulls last limit 1
     ) r on true
     order by e.name`,
  );
  return await Promise.all(rows.map(intentOf));
}

/** The intents that name a version, as the serving process takes them. */
export function planOf(intents: readonly Intent[]): ServingPlan {
  return new Map(intents.flatMap(({ endpoint, entry }) => (entry ? [[endpoint, entry] as const] : [])));
}

async function intentOf(row: Row): Promise<Intent> {
  const isStopped = row.state === "stopped";
  const known = { endpointId: row.id, projectId: row.project_id, endpoint: row.name, isStopped };
  const refused = (problem: string | null): Intent => ({ ...known, entry: null, requestId: null, problem });
  if (row.version_id === null || row.version === null) return refused(null);
  if (row.request_id === null)
    return refused(
      `Version ${row.version} is champion, but no approved promotion request names it, so it is not served. Request its promotion.`,
    );
  const signature = ModelSignature.safeParse(row.signature);
  if (row.sha256 === null || !signature.success)
    return refused(`Version ${row.version} has no ONNX file that can be served. Register one that has.`);
  let path: string;
  try {
    path = await localPath(row.sha256);
  } catch (error) {
    if (isAppError(error, "not_found")) return refused([error.message, error.place.remedy].filter(Boolean).join(" "));
    throw error;
  }
  const entry: PlanEntry = {
    endpointId: row.id,
    projectId: row.project_id,
    modelVersionId: row.version_id,
    version: row.version,
    sha256: row.sha256,
    path,
    signature: signature.data,
    ...(isStopped ? { stopped: stoppedSentence(row.name, row.state_by, row.state_at, row.state_reason) } : {}),
  };
  return { ...known, entry, requestId: row.request_id, problem: null };
}

import { pool } from "#server/platform/db.ts";

/** A version as the plan needs it. */
export interface VersionRow {
  readonly project_id: string;
  readonly model_id: string;
  readonly version_id: string | null;
  readonly version: number | null;
  readonly sha256: string | null;
  readonly signature: unknown;
  readonly runtime: string | null;
  /** Digest of the version's golden rows; null when it has none. */
  readonly golden_sha256: string | null;
}

export interface EndpointRow extends VersionRow {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly state_reason: string;
  readonly state_by: string | null;
  readonly state_at: Date | null;
  readonly salt: string;
  readonly fallback: unknown;
  readonly log_share: number;
  readonly redaction: unknown;
}

export interface ArmPlanRow extends VersionRow {
  readonly arm_id: string;
  readonly endpoint_id: string;
  readonly kind: string;
  readonly share: number;
  readonly numbered: number;
}

const VERSION =
  "e.project_id, e.model_id, v.id as version_id, v.version, v.sha256, v.signature, v.runtime, v.golden_check->>'sha256' as golden_sha256";

/** Every endpoint of a project that is not archived, with its model's champion. */
export async function readEndpoints(): Promise<EndpointRow[]> {
  const { rows } = await pool().query<EndpointRow>(
    `select e.id, e.name, e.state, e.state_reason, e.state_by, e.state_at, e.salt, e.fallback, e.log_share,
            e.redaction, ${VERSION}
     from endpoints e
     join projects p on p.id = e.project_id and p.archived_at is null
     left join model_aliases a on a.model_id = e.model_id and a.alias = 'champion'
     left join model_versions v on v.id = a.version_id and v.model_id = e.model_id and v.project_id = e.project_id
       and v.deleted_at is null
     order by e.name`,
  );
  return rows;
}

/** The arms that run, in the order in which they were started. */
export async function readArms(): Promise<ArmPlanRow[]> {
  const { rows } = await pool().query<ArmPlanRow>(
    `select m.id as arm_id, m.endpoint_id, m.kind, m.share, m.version as numbered, ${VERSION}
     from endpoint_arms m
     join endpoints e on e.id = m.endpoint_id
     left join model_versions v on v.id = m.version_id and v.model_id = e.model_id and v.project_id = e.project_id
       and v.deleted_at is null
     where m.ended_at is null
     order by m.started_at, m.id`,
  );
  return rows;
}

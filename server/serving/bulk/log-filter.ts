import { textLiteral } from "#server/platform/copy.ts";
import { pool } from "#server/platform/db.ts";
import { ModelSignature } from "#server/registry/contract.ts";
import type { ExportSpec } from "../contract.ts";

const OUTCOMES = {
  known: "o.prediction_id is not null",
  unknown: "o.prediction_id is null",
  right: "o.label = p.label",
  wrong: "o.label <> p.label",
};

/** Logged predictions with their outcomes. */
export const LOGGED_FROM = `serving_log.predictions p
  left join serving_log.outcomes o on o.endpoint_id = p.endpoint_id and o.prediction_id = p.prediction_id`;

/** A version that answered some of the rows. */
export interface LoggedVersion {
  readonly id: string;
  readonly version: number;
  readonly signature: ModelSignature;
  readonly rows: number;
}

/** The condition that a filter means, as SQL without parameters (COPY takes none): uuids, times, and texts as literals. */
export function conditionOf({ endpointId, label, outcome, from, to, receivedBefore }: ExportSpec): string {
  const time = (iso: string) => `'${new Date(iso).toISOString()}'::timestamptz`;
  return [
    `p.endpoint_id = ${textLiteral(endpointId)}::uuid`,
    `p.received_at < ${time(receivedBefore)}`,
    ...(label === undefined ? [] : [`p.label = ${textLiteral(label)}`]),
    ...(outcome === undefined ? [] : [OUTCOMES[outcome]]),
    ...(from === undefined ? [] : [`p.event_time >= ${time(from)}`]),
    ...(to === undefined ? [] : [`p.event_time < ${time(to)}`]),
  ].join(" and ");
}

/** The versions that answered the rows that a filter keeps, the newest first, and how many each. One that was deleted for good is left out. */
export async function versionsOf(spec: ExportSpec): Promise<LoggedVersion[]> {
  const { rows } = await pool().query<{ id: string; version: number; signature: unknown; rows: number }>(
    `select v.id, v.version, v.signature, found.rows
     from (select p.version_id, count(*)::float8 as rows from ${LOGGED_FROM} where ${conditionOf(spec)} group by 1) found
     join model_versions v on v.id = found.version_id
     order by v.version desc`,
  );
  return rows
    .filter(({ version }) => spec.version === undefined || version === spec.version)
    .map((row) => ({ ...row, signature: ModelSignature.parse(row.signature) }));
}

import { pool } from "#server/platform/db.ts";

/**
 * The ids of an endpoint's logged predictions that begin with `prefix`, and whether their outcome is known: what a replay has done already. For code
 * that has found the endpoint within its project.
 */
export async function listLoggedIds(
  endpointId: string,
  prefix: string,
): Promise<{ readonly id: string; readonly hasOutcome: boolean }[]> {
  const { rows } = await pool().query<{ id: string; told: boolean }>(
    `select distinct p.prediction_id as id, o.prediction_id is not null as told
     from serving_log.predictions p
     left join serving_log.outcomes o on o.endpoint_id = p.endpoint_id and o.prediction_id = p.prediction_id
     where p.endpoint_id = $1 and starts_with(p.prediction_id, $2)`,
    [endpointId, prefix],
  );
  return rows.map((row) => ({ id: row.id, hasOutcome: row.told }));
}

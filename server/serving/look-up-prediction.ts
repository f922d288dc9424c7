import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError, isAppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { ModelSignature } from "#server/registry/contract.ts";
import type { CallerDto, FoundPrediction, PredictionLookUp, ShadowAnswer } from "./contract.ts";
import { getPrediction } from "./get-prediction.ts";

/** Predictions that one answer holds. */
const MOST = 20;

interface Found {
  readonly endpoint_id: string;
  readonly prediction_id: string;
  readonly caller: string | null;
}

/**
 * What the log knows of a prediction id or a request id, whichever endpoint of the project it went to: features, answer, outcome, where it comes from, what
 * shadows said of it, and errors of requests that got no answer. `<id>` finds the rows `<id>:0`, `<id>:1`, … of a request that named itself so.
 * Errors: not_found, also for what another project logged.
 */
export const lookUpPrediction = defineUseCase({
  name: "serving.look-up-prediction",
  scope: "serving:log",
  effect: "read",
  input: z.object({ id: z.string().trim().min(1).max(200) }),
  async run({ input, actor, project, db }): Promise<PredictionLookUp> {
    const endpoints = new Map(
      (await db.endpoint.findMany({ where: { projectId: project.id }, select: { id: true, name: true } })).map(
        ({ id, name }) => [id, name],
      ),
    );
    const [found, failures] = await Promise.all([
      findPredictions(db, [...endpoints.keys()], input.id),
      findErrors(db, [...endpoints.keys()], input.id),
    ]);
    if (found.length + failures.length === 0)
      throw new AppError("not_found", "No endpoint of this project has logged anything with this id.", {
        field: "id",
        value: input.id,
        remedy:
          "Ids are in parameters.prediction_ids of an answer and in its header X-Request-Id. Old rows are dropped after some time, and an endpoint may log a share only.",
      });
    const shown = found.slice(0, MOST);
    const [callers, shadows, versions] = await Promise.all([
      callersOf(
        db,
        [...shown, ...failures].flatMap(({ caller }) => caller ?? []),
      ),
      findShadows(db, shown),
      versionNumbers(
        db,
        project.id,
        failures.flatMap(({ version_id }) => version_id ?? []),
      ),
    ]);
    const predictions = await Promise.all(
      shown.map(async ({ endpoint_id, prediction_id, caller }): Promise<FoundPrediction | null> => {
        const name = endpoints.get(endpoint_id) ?? "";
        const detail = await getPrediction(actor, project.id, { name, id: prediction_id }).catch((error: unknown) => {
          // Dropped with its day between the two reads.
          if (isAppError(error, "not_found")) return null;
          throw error;
        });
        const mine = shadows.get(`${endpoint_id} ${prediction_id}`) ?? [];
        return (
          detail && {
            ...detail,
            caller: caller === null ? null : (callers.get(caller) ?? null),
            shadows: mine.map((shadow) => ({
              ...shadow,
              agrees: detail.label === null || shadow.label === null ? null : detail.label === shadow.label,
            })),
          }
        );
      }),
    );
    return {
      id: input.id,
      predictions: predictions.filter((prediction) => prediction !== null),
      more: found.length > MOST,
      errors: failures.map((row) => ({
        endpoint: endpoints.get(row.endpoint_id) ?? "",
        requestId: row.request_id,
        receivedAt: row.received_at.toISOString(),
        status: row.status,
        message: row.message,
        version: row.version_id === null ? null : (versions.get(row.version_id) ?? null),
        entityKey: row.entity_key,
        caller: row.caller === null ? null : (callers.get(row.caller) ?? null),
        body: row.body,
        latencyMs: row.latency_us / 1000,
      })),
    };
  },
});

/** One index scan per endpoint and day for each of the two meanings of an id. */
async function findPredictions(db: Db, endpointIds: readonly string[], id: string): Promise<Found[]> {
  const ids = [id, ...Array.from({ length: MOST + 1 }, (_, row) => `${id}:${row}`)];
  return await db.$queryRaw<Found[]>`
    select endpoint_id::text, prediction_id, (array_agg(caller::text order by received_at desc))[1] as caller
    from (
      select endpoint_id, prediction_id, caller, received_at from serving_log.predictions
      where endpoint_id = any(${[...endpointIds]}::uuid[]) and prediction_id = any(${ids}::text[])
      union all
      select * from (
        select endpoint_id, prediction_id, caller, received_at from serving_log.predictions
        where endpoint_id = any(${[...endpointIds]}::uuid[]) and request_id = ${id}
        order by received_at desc limit ${MOST * 10}) of_request) found
    group by 1, 2 order by max(received_at) desc, 2 limit ${MOST + 1}`;
}

interface ErrorRow {
  readonly endpoint_id: string;
  readonly version_id: string | null;
  readonly request_id: string;
  readonly received_at: Date;
  readonly status: number;
  readonly message: string;
  readonly entity_key: string | null;
  readonly caller: string | null;
  readonly body: string | null;
  readonly latency_us: number;
}

async function findErrors(db: Db, endpointIds: readonly string[], id: string): Promise<ErrorRow[]> {
  return await db.$queryRaw<ErrorRow[]>`
    select endpoint_id::text, version_id::text, request_id, received_at, status::int, message, entity_key, caller::text, body, latency_us
    from serving_log.request_errors where endpoint_id = any(${[...endpointIds]}::uuid[]) and request_id = ${id}
    order by received_at desc limit ${MOST}`;
}

/** What shadows said of predictions, by endpoint and id. */
async function findShadows(db: Db, found: readonly Found[]): Promise<Map<string, Omit<ShadowAnswer, "agrees">[]>> {
  const shadows = new Map<string, Omit<ShadowAnswer, "agrees">[]>();
  if (found.length === 0) return shadows;
  const rows = await db.$queryRaw<
    {
      endpoint_id: string;
      prediction_id: string;
      version_id: string;
      version: number | null;
      signature: unknown;
      label: string | null;
      value: number | null;
      probabilities: number[] | null;
      latency_us: number;
      received_at: Date;
    }[]
  >`
    select distinct on (s.endpoint_id, s.prediction_id, s.arm_id) s.endpoint_id::text, s.prediction_id, s.version_id::text, v.version,
           v.signature, s.label, s.value, s.probabilities, s.latency_us, s.received_at
    from unnest(${found.map((row) => row.endpoint_id)}::uuid[], ${found.map((row) => row.prediction_id)}::text[]) as t (endpoint_id, prediction_id)
    join serving_log.shadow_predictions s on s.endpoint_id = t.endpoint_id and s.prediction_id = t.prediction_id
    left join model_versions v on v.id = s.version_id and v.project_id = s.project_id
    order by s.endpoint_id, s.prediction_id, s.arm_id, s.received_at desc`;
  for (const row of rows) {
    const classes = row.signature === null ? [] : (ModelSignature.parse(row.signature).classes ?? []);
    const key = `${row.endpoint_id} ${row.prediction_id}`;
    shadows.set(key, [
      ...(shadows.get(key) ?? []),
      {
        versionId: row.version_id,
        version: row.version,
        label: row.label,
        value: row.value,
        probabilities: (row.probabilities ?? []).map((value, i) => ({ label: classes[i] ?? String(i), value })),
        latencyMs: row.latency_us / 1000,
        receivedAt: row.received_at.toISOString(),
      },
    ]);
  }
  return shadows;
}

async function versionNumbers(db: Db, projectId: string, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db.modelVersion.findMany({
    where: { projectId, id: { in: [...new Set(ids)] } },
    select: { id: true, version: true },
  });
  return new Map(rows.map(({ id, version }) => [id, version]));
}

/** Tokens by id, with whose they are. */
export async function callersOf(db: Db, ids: readonly string[]): Promise<Map<string, CallerDto>> {
  if (ids.length === 0) return new Map();
  const rows = await db.apiToken.findMany({
    where: { id: { in: [...new Set(ids)] } },
    select: { id: true, name: true, user: { select: { name: true } } },
  });
  const known = new Map(rows.map((row) => [row.id, row]));
  return new Map(
    ids.map((id) => {
      const row = known.get(id);
      return [id, { tokenId: id, name: row?.name ?? null, owner: row ? (row.user?.name ?? "Touchstone") : null }];
    }),
  );
}

/** A hit of the search, for whoever lists several kinds of things: the project, and the endpoint that logged it. */
export interface LoggedHit {
  readonly projectId: string;
  readonly endpoint: string;
  readonly at: Date;
  /** A prediction, or a request that got none. */
  readonly kind: "prediction" | "request error";
}

/** Where an id was logged in any of these projects, once per endpoint. For code that has found the projects by the reader's scopes. */
export async function findLogged(db: Db, projectIds: readonly string[], id: string): Promise<LoggedHit[]> {
  const rows = await db.endpoint.findMany({
    where: { projectId: { in: [...projectIds] } },
    select: { id: true, name: true, projectId: true },
  });
  const endpoints = new Map(rows.map((row) => [row.id, row]));
  const ids = [...endpoints.keys()];
  if (ids.length === 0) return [];
  const found = await db.$queryRaw<{ endpoint_id: string; kind: LoggedHit["kind"]; at: Date }[]>`
    select endpoint_id::text, kind, max(received_at) as at from (
      select endpoint_id, 'prediction' as kind, received_at from serving_log.predictions
      where endpoint_id = any(${ids}::uuid[]) and prediction_id = any(${[id, `${id}:0`]}::text[])
      union all
      (select endpoint_id, 'prediction', received_at from serving_log.predictions
       where endpoint_id = any(${ids}::uuid[]) and request_id = ${id} limit 100)
      union all
      (select endpoint_id, 'request error', received_at from serving_log.request_errors
       where endpoint_id = any(${ids}::uuid[]) and request_id = ${id} limit 100)) t
    group by 1, 2 order by 3 desc limit 6`;
  return found.flatMap(({ endpoint_id, kind, at }) => {
    const endpoint = endpoints.get(endpoint_id);
    return endpoint ? [{ projectId: endpoint.projectId, endpoint: endpoint.name, kind, at }] : [];
  });
}

import { z } from "zod";
import { defineUseCase, listTokens } from "#server/identity/index.ts";
import type { Db } from "#server/platform/db.ts";
import {
  type EndpointUsage,
  type OwnUsage,
  type QuotaDto,
  type UsageCounts,
  type UsageDay,
  UsageInput,
} from "./contract.ts";
import { findEndpoint } from "./find-endpoint.ts";

const DAY_MS = 86_400_000;
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const NOTHING: UsageCounts = { requests: 0, rows: 0, limited: 0, failed: 0 };

function sum(counts: readonly UsageCounts[]): UsageCounts {
  return counts.reduce<UsageCounts>(
    (all, one) => ({
      requests: all.requests + one.requests,
      rows: all.rows + one.rows,
      limited: all.limited + one.limited,
      failed: all.failed + one.failed,
    }),
    NOTHING,
  );
}

/** Which tokens asked an endpoint for how much, by day (UTC), with what is left of their quotas. Errors: not_found. */
export const getEndpointUsage = defineUseCase({
  name: "serving.get-endpoint-usage",
  scope: "serving:log",
  effect: "read",
  input: UsageInput,
  async run({ input, project, db }): Promise<EndpointUsage> {
    const endpoint = await findEndpoint(db, project.id, input.name);
    const today = Date.now();
    const days = Array.from({ length: input.days }, (_, i) => dayOf(today - (input.days - 1 - i) * DAY_MS));
    const [from = "", to = ""] = [days[0], days.at(-1)];
    const rows = await db.$queryRaw<(UsageDay & { token_id: string })[]>`
      select token_id::text, day::text, requests::float8, rows::float8, limited::float8, failed::float8
      from serving_log.token_days where endpoint_id = ${endpoint.id}::uuid and day >= ${from}::date order by day`;
    const byToken = Map.groupBy(rows, (row) => row.token_id);
    const ids = [...byToken.keys()];
    const [tokens, quotas] = await Promise.all([
      db.apiToken.findMany({ where: { id: { in: ids } }, include: { user: { select: { name: true } } } }),
      quotasOf(db, ids),
    ]);
    const known = new Map(tokens.map((token) => [token.id, token]));
    const usage = ids.map((tokenId) => {
      const token = known.get(tokenId);
      const mine = byToken.get(tokenId) ?? [];
      const byDay = new Map(mine.map((row) => [row.day, row]));
      return {
        tokenId,
        name: token?.name ?? null,
        prefix: token?.prefix ?? null,
        owner: token ? (token.user?.name ?? "Touchstone") : null,
        active: token !== undefined && token.revokedAt === null && token.expiresAt > new Date(),
        quota: quotas.get(tokenId) ?? NO_QUOTA,
        ...sum(mine),
        days: days.map((day) => ({ day, ...sum([byDay.get(day) ?? NOTHING]) })),
      };
    });
    return { from, to, total: sum(usage), tokens: usage.sort((a, b) => b.rows - a.rows || b.requests - a.requests) };
  },
});

/** What the tokens that one may see asked the endpoints and services of this project for in the last 30 days, with what is left of their quotas. */
export const listTokenUsage = defineUseCase({
  name: "serving.list-token-usage",
  scope: "project:read",
  effect: "read",
  input: z.object({}),
  async run({ actor, project, db }): Promise<OwnUsage[]> {
    const ids = (await listTokens(actor, project.id, {})).map(({ id }) => id);
    const from = dayOf(Date.now() - 29 * DAY_MS);
    const [rows, quotas] = await Promise.all([
      db.$queryRaw<(UsageCounts & { token_id: string; endpoint: string; is_service: boolean })[]>`
        select d.token_id::text, e.name as endpoint, e.is_service, sum(d.requests)::float8 as requests, sum(d.rows)::float8 as rows,
               sum(d.limited)::float8 as limited, sum(d.failed)::float8 as failed
        from serving_log.token_days d
        join (select id, name, false as is_service from endpoints where project_id = ${project.id}::uuid
              union all select id, name, true from custom_services where project_id = ${project.id}::uuid) e on e.id = d.endpoint_id
        where d.token_id = any(${ids}::uuid[]) and d.day >= ${from}::date group by 1, 2, 3 order by 5 desc`,
      quotasOf(db, ids),
    ]);
    const byToken = Map.groupBy(rows, (row) => row.token_id);
    return ids.map((tokenId) => {
      const mine = byToken.get(tokenId) ?? [];
      const endpoints = mine.map(({ endpoint, is_service, requests, rows: asked, limited, failed }) => ({
        endpoint,
        isService: is_service,
        requests,
        rows: asked,
        limited,
        failed,
      }));
      return { tokenId, quota: quotas.get(tokenId) ?? NO_QUOTA, ...sum(endpoints), endpoints };
    });
  },
});

const NO_QUOTA: QuotaDto = { ratePerSecond: null, rowsPerDay: null, rowsToday: 0, rowsLeft: null };

async function quotasOf(db: Db, ids: readonly string[]): Promise<Map<string, QuotaDto>> {
  if (ids.length === 0) return new Map();
  const [tokens, today] = await Promise.all([
    db.apiToken.findMany({
      where: { id: { in: [...ids] } },
      select: { id: true, ratePerSecond: true, rowsPerDay: true },
    }),
    db.$queryRaw<{ token_id: string; rows: number }[]>`
      select token_id::text, sum(rows)::float8 as rows from serving_log.token_days
      where token_id = any(${[...ids]}::uuid[]) and day = (now() at time zone 'UTC')::date group by 1`,
  ]);
  const used = new Map(today.map(({ token_id, rows }) => [token_id, rows]));
  return new Map(
    tokens.map(({ id, ratePerSecond, rowsPerDay }) => {
      const rowsToday = used.get(id) ?? 0;
      const rowsLeft = rowsPerDay === null ? null : Math.max(0, rowsPerDay - rowsToday);
      return [id, { ratePerSecond, rowsPerDay, rowsToday, rowsLeft }];
    }),
  );
}

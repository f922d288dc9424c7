import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { cutPage, offsetOf } from "#server/kernel/offset-token.ts";
import { type Db, Prisma } from "#server/platform/db.ts";
import {
  ListRunsInput,
  MOST_COUNTED,
  type RunCountDto,
  RunScope,
  type RunSummaryDto,
  type RunSummaryPage,
  TAGS,
} from "./contract.ts";
import { asFilter } from "./search-words-contract.ts";
import { stagesOf } from "./experiment.ts";
import { asked, experimentsByNumber, findRunIds } from "./find-run-ids.ts";
import { RUN_COLUMNS, type RunRow, runInfo } from "./run.ts";
import { runIdsAt } from "./run-places.ts";
import { scopeCondition } from "./run-scope.ts";
import { tableOrder } from "./run-sort.ts";

interface Logged {
  readonly id: string;
  readonly metrics: Readonly<Record<string, number | null>> | null;
  readonly params: Readonly<Record<string, string>> | null;
  readonly tags: Readonly<Record<string, string>> | null;
  readonly datasets: RunSummaryDto["datasets"] | null;
  readonly inputs: RunSummaryDto["inputs"] | null;
  readonly parentRunId: string | null;
  readonly models: number;
  readonly children: number | null;
}

/** Which of what runs logged is wanted. */
interface Wanted {
  /** metrics.<key>, params.<key>, tags.<key>; undefined: all metrics and parameters. */
  readonly columns?: readonly string[] | undefined;
  readonly children?: boolean;
}

/** The condition on a table of keys that its column is wanted. */
function wantedKeys(columns: readonly string[] | undefined, kind: string): Prisma.Sql {
  if (columns === undefined) return Prisma.sql`true`;
  const begin = `${kind}.`;
  const keys = columns.filter((column) => column.startsWith(begin)).map((column) => column.slice(begin.length));
  return Prisma.sql`key = any(${keys}::text[])`;
}

/** What tables show of runs, in one query whatever their number; schemas, profiles and tags nobody asked for stay in the database. */
async function logged(db: Db, ids: readonly string[], wanted: Wanted): Promise<ReadonlyMap<string, Logged>> {
  const { columns, children = false } = wanted;
  const tags = (columns ?? []).filter((column) => column.startsWith("tags.")).map((column) => column.slice(5));
  const rows = await db.$queryRaw<Logged[]>`
    select r.id,
      (select json_object_agg(key, case when is_nan then null else value end) from latest_metrics
        where run_id = r.id and ${wantedKeys(columns, "metrics")}) as metrics,
      (select json_object_agg(key, value) from run_params where run_id = r.id and ${wantedKeys(columns, "params")}) as params,
      ${
        tags.length === 0
          ? Prisma.sql`null`
          : Prisma.sql`(select json_object_agg(key, value) from run_tags where run_id = r.id and key = any(${tags}::text[]))`
      } as tags,
      (select json_agg(json_build_object('versionId', dataset_version_id, 'name', name, 'version', version) order by name, version)
        from run_datasets where run_id = r.id) as datasets,
      (select json_agg(json_build_object('name', name, 'digest', digest) order by name, digest) from run_inputs where run_id = r.id) as inputs,
      (select value from run_tags where run_id = r.id and key = ${TAGS.parentRun}) as "parentRunId",
      (select count(*)::int from run_model_links where run_id = r.id and direction = 'output') as models,
      ${
        children
          ? Prisma.sql`(select count(*)::int from run_tags t join runs c on c.id = t.run_id join runs p on p.id = r.id
              where t.key = 'mlflow.parentRunId' and t.value = r.id and c.experiment_id = p.experiment_id and c.lifecycle_stage = p.lifecycle_stage)`
          : Prisma.sql`null`
      } as children
    from unnest(${[...ids]}::text[]) as r(id)`;
  return new Map(rows.map((row) => [row.id, row]));
}

/** Rows as a table of runs shows them, in the order given. */
export async function summaries(db: Db, rows: readonly RunRow[], wanted: Wanted = {}): Promise<RunSummaryDto[]> {
  if (rows.length === 0) return [];
  const byId = await logged(
    db,
    rows.map((row) => row.id),
    wanted,
  );
  return rows.map((row) => {
    const found = byId.get(row.id);
    return {
      ...runInfo(row),
      metrics: found?.metrics ?? {},
      params: found?.params ?? {},
      ...(found?.tags ? { tags: found.tags } : {}),
      datasets: found?.datasets ?? [],
      inputs: found?.inputs ?? [],
      parentRunId: found?.parentRunId ?? null,
      models: found?.models ?? 0,
      ...(found && found.children !== null ? { children: found.children } : {}),
    };
  });
}

/** How many runs a condition on r and e chooses, counted up to MOST_COUNTED. */
export async function countRuns(db: Db, where: Prisma.Sql): Promise<RunCountDto> {
  const [row] = await db.$queryRaw<{ runs: number }[]>`
    select count(*)::int as runs from (
      select from runs r left join experiments e on e.id = r.experiment_id where ${where} limit ${MOST_COUNTED + 1}) as counted`;
  const runs = row?.runs ?? 0;
  return { runs: Math.min(runs, MOST_COUNTED), more: runs > MOST_COUNTED };
}

/**
 * Runs for a table, in pages that are read by position: those of one experiment, or of all, by filter, newest first or as `orderBy` says. The order is
 * total, so pages neither repeat nor leave out a run. Errors: invalid_input with the place in the filter or the clause of the ordering.
 */
export const listRuns = defineUseCase({
  name: "tracking.list-runs",
  scope: "tracking:read",
  effect: "read",
  input: ListRunsInput,
  async run({ input, project, db, actor }): Promise<RunSummaryPage> {
    const where = scopeCondition(project.id, actor.userId, input);
    const offset = input.offset ?? offsetOf(input.pageToken);
    const asOf = Date.now();
    const read = async () => {
      const wanted = {
        projectId: project.id,
        experimentIds:
          input.experiment === undefined ? null : await experimentsByNumber(project.id, [input.experiment]),
        stages: stagesOf(input.view),
        ...asked(asFilter(input.filter), scopeCondition(project.id, actor.userId, { ...input, filter: "" })),
        clauses: input.orderBy,
        order: tableOrder(input.orderBy),
        limit: input.maxResults + 1,
        offset,
      };
      // With a bound, somebody scrolls in the list; without, a client pages through it from its beginning.
      const ids =
        input.until === undefined
          ? await findRunIds(wanted)
          : await runIdsAt(wanted, JSON.stringify([project.id, actor.userId, RunScope.parse(input), input.orderBy]));
      // Ids are ordered first: what a row shows is looked up for the page alone.
      return await db.$queryRaw<RunRow[]>`
        select ${RUN_COLUMNS} from unnest(${ids}::text[]) with ordinality as page(id, place)
        join runs r on r.id = page.id join experiments e on e.id = r.experiment_id order by page.place`;
    };
    const { until, ...anytime } = input;
    const [rows, total, all] = await Promise.all([
      read(),
      input.count ? countRuns(db, where) : null,
      input.count && until !== undefined ? countRuns(db, scopeCondition(project.id, actor.userId, anytime)) : null,
    ]);
    const { page, next } = cutPage(rows, offset, input.maxResults);
    return {
      runs: await summaries(db, page, { columns: input.columns, children: input.children }),
      nextPageToken: next,
      asOf,
      ...(total ? { total, newer: all ? Math.max(0, all.runs - total.runs) : 0 } : {}),
    };
  },
});

/** The ids of the runs that a scope chooses, in the order of the table, up to 10,000. Errors: as listRuns. */
export const listRunIds = defineUseCase({
  name: "tracking.list-run-ids",
  scope: "tracking:read",
  effect: "read",
  input: ListRunsInput.pick({ orderBy: true })
    .extend(RunScope.shape)
    .extend({
      most: z.coerce.number().int().min(1).max(1_000_000).default(10_000),
    }),
  async run({ input, project, db, actor }): Promise<{ ids: string[] }> {
    const { joins, orderBy } = tableOrder(input.orderBy);
    const rows = await db.$queryRaw<{ id: string }[]>`
      select r.id from runs r left join experiments e on e.id = r.experiment_id ${joins}
      where ${scopeCondition(project.id, actor.userId, input)} order by ${orderBy} limit ${input.most}`;
    return { ids: rows.map((row) => row.id) };
  },
});

/** The named runs in the order named, deleted ones too, for comparison. A run that is not there is left out. */
export const getRuns = defineUseCase({
  name: "tracking.get-runs",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ runIds: z.array(z.string()).max(1000), columns: z.array(z.string()).max(400).optional() }),
  async run({ input: { runIds, columns }, project, db }): Promise<RunSummaryDto[]> {
    const rows = await db.$queryRaw<RunRow[]>`
      select ${RUN_COLUMNS} from runs r join experiments e on e.id = r.experiment_id
      where r.project_id = ${project.id}::uuid and r.id = any(${runIds}::text[])`;
    const found = new Map((await summaries(db, rows, { columns })).map((run) => [run.id, run]));
    return runIds.flatMap((id) => found.get(id) ?? []);
  },
});

import { defineUseCase } from "#server/identity/index.ts";
import { type Db, Prisma } from "#server/platform/db.ts";
import { ListKeysInput, type RunKeyDto, type RunKeysDto } from "./contract.ts";
import { stagesOf } from "./experiment.ts";

/** How many of the latest runs a quick look takes in. */
const QUICK = 300;
/** Reading the keys of many runs takes its time; whoever asks again soon gets the same answer. */
const KEPT_MS = 60_000;
const SLOW_FROM = 5000;
const MOST_KEPT = 200;

const shared = globalThis as unknown as { touchstoneRunKeys?: Map<string, { at: number; keys: Promise<RunKeysDto> }> };
const kept = () => (shared.touchstoneRunKeys ??= new Map<string, { at: number; keys: Promise<RunKeysDto> }>());

/**
 * What the scoped runs have in one table. Of few runs each is looked up by itself: `offset 0` keeps the planner from reading the whole table for them, which it
 * takes for cheaper and is not (450 ms against 5 of a hundred thousand runs).
 */
function joined(table: Prisma.Sql, exact: boolean): Prisma.Sql {
  return exact
    ? Prisma.sql`scoped s join ${table} k on k.run_id = s.id`
    : Prisma.sql`scoped s cross join lateral (select x.key, x.value from ${table} x where x.run_id = s.id offset 0) as k`;
}

async function read(db: Db, scoped: Prisma.Sql, exact: boolean): Promise<RunKeysDto> {
  const keysIn = (kind: string, table: Prisma.Sql) =>
    Prisma.sql`select ${kind}::text as kind, k.key, count(*)::int as runs, min(k.value) is distinct from max(k.value) as differs
      from ${joined(table, exact)} group by k.key`;
  const [rows, [counted]] = await Promise.all([
    db.$queryRaw<RunKeyDto[]>`
      with scoped as materialized (${scoped})
      select * from (
        ${keysIn("metrics", Prisma.sql`latest_metrics`)}
        union all ${keysIn("params", Prisma.sql`run_params`)}
        union all ${keysIn("tags", Prisma.sql`run_tags`)}) as keys
      order by runs desc, key`,
    db.$queryRaw<{ of: number }[]>`select count(*)::int as of from (${scoped}) as scoped`,
  ]);
  return { keys: rows, of: counted?.of ?? 0, exact };
}

/**
 * The names of metrics, parameters and tags that the runs of an experiment, or of all, have logged, with the number of runs that did. Beyond some thousand
 * runs the answer may be a minute old.
 */
export const listKeys = defineUseCase({
  name: "tracking.list-keys",
  scope: "tracking:read",
  effect: "read",
  input: ListKeysInput,
  async run({ input, project, db }): Promise<RunKeysDto> {
    const chosen = Prisma.sql`select r.id from runs r where r.project_id = ${project.id}::uuid
      and r.lifecycle_stage = any(${stagesOf(input.view)}::text[])
      and ${
        input.experiment === undefined
          ? Prisma.sql`true`
          : Prisma.sql`r.experiment_id = (select x.id from experiments x where x.project_id = ${project.id}::uuid and x.number = ${input.experiment})`
      }`;
    if (input.quick) {
      const latest = Prisma.sql`${chosen} order by r.start_time desc limit ${QUICK}`;
      const found = await read(db, latest, false);
      return { ...found, exact: found.of < QUICK };
    }
    const name = JSON.stringify([project.id, input.experiment ?? null, input.view]);
    const before = kept().get(name);
    if (before && Date.now() - before.at < KEPT_MS) return await before.keys;
    const keys = read(db, chosen, true);
    const found = await keys;
    if (found.of >= SLOW_FROM) {
      if (kept().size >= MOST_KEPT) kept().clear();
      kept().set(name, { at: Date.now(), keys });
    }
    return found;
  },
});

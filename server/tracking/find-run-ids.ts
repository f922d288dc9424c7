import { parseOrdering } from "#server/kernel/comparisons.ts";
import { Prisma, pool } from "#server/platform/db.ts";
import { leadOf } from "./lead-metrics.ts";
import { runFilter, type RunOrder } from "./run-filter.ts";

/** How many runs at the front of the order are looked at one by one first: a sample that tells how many the filter keeps. */
const WALKED_FIRST = 200;
/** A metric whose value keeps so many of the experiments' runs or fewer is rare: they are taken from its index, and asked the rest of the filter one by one. */
const LED_AT_MOST = 2000;
/** So many are looked at one by one at most; beyond, to filter and sort all of them takes less. */
const WALKED_AT_MOST = 8000;

/** A stretch of an order: the runs at these places (from 0, `to` excluded), of which the first `count` that the filter keeps are wanted. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

interface Walk {
  readonly look: (stretch: Stretch) => Promise<string[]>;
  /** A look may begin where another ended. */
  readonly continues: boolean;
}

/** What is asked of runs (as r, their experiments as e): a filter, and what is not part of it. */
interface Asked {
  readonly filter: string;
  readonly beside: Prisma.Sql;
  /** Both as one condition, and as it is asked of one run at a time (`runFilter` with `each`). */
  readonly where: Prisma.Sql;
  readonly whereEach: Prisma.Sql;
}

export interface RunsWanted extends Asked {
  readonly projectId: string;
  /** Ids of experiments; null for all. */
  readonly experimentIds: readonly string[] | null;
  readonly stages: readonly string[];
  /** The ordering as it was written, and what `runOrder` or the like made of it. */
  readonly clauses: readonly string[];
  readonly order: RunOrder;
  readonly limit: number;
  readonly offset: number;
}

const METRICS = new Set(["metric", "metrics"]);
const ATTRIBUTES = new Set([null, "attribute", "attributes", "attr", "run"]);
const NEWEST = Prisma.sql`r.start_time desc, r.id`;

async function idsOf(sql: Prisma.Sql): Promise<string[]> {
  const { rows } = await pool().query<{ id: string }>({ text: sql.text, values: sql.values });
  return rows.map((row) => row.id);
}

/** What a search asks of runs. Errors: as runFilter. */
export function asked(filter: string, beside = Prisma.sql`true`): Asked {
  const both = (each: boolean) => Prisma.sql`${runFilter(filter, each)} and ${beside}`;
  return { filter, beside, where: both(false), whereEach: both(true) };
}

/** The ids of experiments by the numbers that clients know; an experiment that does not exist has none. */
export async function experimentsByNumber(projectId: string, numbers: readonly number[]): Promise<string[]> {
  const known = numbers.filter((number) => number >= 0 && number <= 2_147_483_647);
  return await idsOf(Prisma.sql`
    select id from experiments where project_id = ${projectId}::uuid and number = any(${known}::int[])`);
}

/** The conditions of the range, in the form that the indexes of runs know. */
export function rangeOf({ projectId, experimentIds, stages }: RunsWanted): Prisma.Sql {
  const [only, ...others] = experimentIds ?? [];
  const experiment =
    experimentIds === null
      ? Prisma.empty
      : only !== undefined && others.length === 0
        ? Prisma.sql`and r.experiment_id = ${only}::uuid`
        : Prisma.sql`and r.experiment_id = any(${[...experimentIds]}::uuid[])`;
  const [stage, ...more] = stages;
  const lifecycle =
    stage !== undefined && more.length === 0
      ? Prisma.sql`r.lifecycle_stage = ${stage}`
      : Prisma.sql`r.lifecycle_stage = any(${[...stages]}::text[])`;
  return Prisma.sql`r.project_id = ${projectId}::uuid ${experiment} and ${lifecycle}`;
}

/**
 * The newest runs of the range, filtered one by one: an index has them in order, and a filter that keeps some fills the page long before the end. The limit
 * fences them off, or Postgres would filter all runs first whenever it thinks the filter keeps few, and it cannot know.
 */
function newest(wanted: RunsWanted, { from, to, count }: Stretch): Promise<string[]> {
  return idsOf(Prisma.sql`
    select r.id from (select * from runs r where ${rangeOf(wanted)} order by ${NEWEST} limit ${to - from} offset ${from}) as r
    left join experiments e on e.id = r.experiment_id where ${wanted.whereEach} order by ${NEWEST} limit ${count}`);
}

/**
 * The runs with the greatest or least values of a metric, filtered one by one. Where the walk stopped, runs of the same value may be missing, so only values
 * before it count. NaN and missing values come after all numbers, and so do not matter to a page that numbers fill.
 */
function byMetric(
  wanted: RunsWanted,
  key: string,
  ascending: boolean,
  { to: walked, count }: Stretch,
): Promise<string[]> {
  const direction = ascending ? Prisma.sql`asc` : Prisma.sql`desc`;
  const edge = ascending ? Prisma.sql`max(value)` : Prisma.sql`min(value)`;
  const before = ascending ? Prisma.sql`<` : Prisma.sql`>`;
  const among = wanted.experimentIds ? Prisma.sql`and x.id = any(${[...wanted.experimentIds]}::uuid[])` : Prisma.empty;
  return idsOf(Prisma.sql`
    with walked as materialized (
      select m.run_id, m.value from experiments x cross join lateral (
        select l.run_id, l.value from latest_metrics l where l.experiment_id = x.id and l.key = ${key} and not l.is_nan
        order by l.value ${direction} limit ${walked}) as m
      where x.project_id = ${wanted.projectId}::uuid ${among} order by m.value ${direction} limit ${walked})
    select r.id from walked w join runs r on r.id = w.run_id left join experiments e on e.id = r.experiment_id
    where ((select count(*) from walked) < ${walked} or w.value ${before} (select ${edge} from walked))
      and ${rangeOf(wanted)} and ${wanted.whereEach}
    order by w.value ${direction}, ${NEWEST} limit ${count}`);
}

/** The page of runs that rare metrics of the filter leave; null where it has none. */
async function byRarest(wanted: RunsWanted): Promise<string[] | null> {
  const { projectId, experimentIds } = wanted;
  const experiments = experimentIds
    ? Prisma.sql`${[...experimentIds]}::uuid[]`
    : Prisma.sql`array(select x.id from experiments x where x.project_id = ${projectId}::uuid)`;
  const lead = await leadOf(wanted.filter, experiments, LED_AT_MOST);
  if (!lead) return null;
  // Ids are random hexadecimal digits: half of them begin with one below 8. Of what one metric leaves each half is asked on a connection of its own; several leave few.
  const halves = lead.metrics > 1 ? [Prisma.sql`true`] : [Prisma.sql`r.id < '8'`, Prisma.sql`r.id >= '8'`];
  const kept = await Promise.all(
    halves.map((half) =>
      idsOf(Prisma.sql`with led as materialized (${lead.ids}) select r.id from led r where ${half} and ${lead.ofId}`),
    ),
  );
  const { joins, orderBy } = wanted.order;
  return await idsOf(Prisma.sql`
    select r.id from unnest(${kept.flat()}::text[]) as kept(id) join runs r on r.id = kept.id
    left join experiments e on e.id = r.experiment_id ${joins}
    where ${rangeOf(wanted)} and ${lead.ofRow} and ${wanted.beside} order by ${orderBy} limit ${wanted.limit} offset ${wanted.offset}`);
}

/** How the front of an order is walked; null for orders that no index has. */
function walkOf(wanted: RunsWanted): Walk | null {
  const [clause, ...others] = wanted.clauses;
  const byTime: Walk = { look: (stretch) => newest(wanted, stretch), continues: true };
  if (clause === undefined) return byTime;
  if (others.length > 0) return null;
  const { entity, key, ascending } = parseOrdering(clause);
  if (ATTRIBUTES.has(entity) && key === "start_time" && !ascending) return byTime;
  if (entity === null || !METRICS.has(entity)) return null;
  // Where one look ended, equal values were left out: another begins at the front.
  return { look: (stretch) => byMetric(wanted, key, ascending, stretch), continues: false };
}

/**
 * Walks on from where `ids` were found. `to` is half as far again as the end of the page by what they let expect: two stretches that will mostly do are looked
 * at at once, on two connections, and the rest only after them. A run that was logged in between moves all others on by one: those seen twice count once.
 */
async function walkOn(walk: Walk, ids: readonly string[], { from, to, count }: Stretch): Promise<string[]> {
  const middle = from + Math.ceil(0.4 * (to - from));
  const near = from + Math.ceil(0.8 * (to - from));
  const missing = count - ids.length;
  const both = await Promise.all([
    walk.look({ from, to: middle, count: missing }),
    walk.look({ from: middle, to: near, count: missing }),
  ]);
  const found = new Set([...ids, ...both.flat()]);
  if (found.size < count)
    for (const id of await walk.look({ from: near, to, count: count - found.size })) found.add(id);
  return [...found].slice(0, count);
}

/** The page from the front of the order, or else from what rare metrics of the filter leave; null when all must be looked at. */
export async function fromFront(wanted: RunsWanted): Promise<string[] | null> {
  const { limit, offset } = wanted;
  const count = limit + offset;
  const walk = walkOf(wanted);
  if (!walk || count > WALKED_AT_MOST) return null;
  const sample = Math.max(WALKED_FIRST, count + 1);
  const ids = await walk.look({ from: 0, to: sample, count });
  if (ids.length === count) return ids.slice(offset);
  const enough = Math.ceil((sample * count * 1.5) / ids.length);
  if (enough > WALKED_AT_MOST) return await byRarest(wanted);
  const page = walk.continues
    ? await walkOn(walk, ids, { from: sample, to: enough, count })
    : await walk.look({ from: 0, to: enough, count });
  return page.length === count ? page.slice(offset) : null;
}

/**
 * The ids of a page of runs, in order. Looks at the front of the order first, which is enough for the first pages of all but the rarest filters, then at those that
 * rare metrics leave, and else filters and sorts all runs of the range.
 */
export async function findRunIds(wanted: RunsWanted): Promise<string[]> {
  const front = await fromFront(wanted);
  if (front) return front;
  const { joins, orderBy } = wanted.order;
  return await idsOf(Prisma.sql`
    select r.id from runs r left join experiments e on e.id = r.experiment_id ${joins}
    where ${rangeOf(wanted)} and ${wanted.where} order by ${orderBy} limit ${wanted.limit} offset ${wanted.offset}`);
}

import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { type Comparison, filterError, parseComparisons, parseOrdering } from "#server/kernel/comparisons.ts";
import { cutPage, offsetOf } from "#server/kernel/offset-token.ts";
import { Prisma } from "#server/platform/db.ts";
import {
  all,
  checkKey,
  checkOperator,
  comparing,
  LIST_OPERATORS,
  listOf,
  NULL_OPERATORS,
  NUMBER_OPERATORS,
  numberOf,
  ordered,
  orderError,
  TEXT_OPERATORS,
  textOf,
} from "./conditions.ts";
import { type ExperimentDto, type ExperimentSummaryDto, ViewType } from "./contract.ts";
import { experimentByNumber, experimentDto, type ExperimentRow, stagesOf } from "./experiment.ts";

const COLUMNS: Readonly<Record<string, Prisma.Sql>> = {
  name: Prisma.sql`e.name`,
  experiment_id: Prisma.sql`e.number`,
  creation_time: Prisma.sql`floor(extract(epoch from e.created_at) * 1000)`,
  last_update_time: Prisma.sql`floor(extract(epoch from e.updated_at) * 1000)`,
};
const ATTRIBUTES = Object.keys(COLUMNS);

function condition(c: Comparison): Prisma.Sql {
  if (c.entity === "tag" || c.entity === "tags") {
    checkOperator(c, [...TEXT_OPERATORS, ...NULL_OPERATORS]);
    if (c.operator === "IS NULL") return Prisma.sql`not jsonb_exists(e.tags, ${c.key})`;
    if (c.operator === "IS NOT NULL") return Prisma.sql`jsonb_exists(e.tags, ${c.key})`;
    return comparing(Prisma.sql`e.tags ->> ${c.key}::text`, c, textOf(c, "tag"));
  }
  if (c.entity !== null && c.entity !== "attribute" && c.entity !== "attributes")
    throw filterError(`Invalid entity type '${c.entity}'. Valid entity types are ('attribute', 'tag', 'tags')`, c);
  checkKey(c, "attribute", ATTRIBUTES);
  const column = COLUMNS[c.key] ?? Prisma.sql`e.name`;
  if (c.key === "name") {
    checkOperator(c, TEXT_OPERATORS);
    return comparing(column, c, textOf(c, "attributes"));
  }
  if (c.key === "experiment_id") {
    checkOperator(c, ["=", "!=", ...LIST_OPERATORS]);
    const text = Prisma.sql`e.number::text`;
    return comparing(text, c, LIST_OPERATORS.includes(c.operator) ? listOf(c) : textOf(c, "attributes"));
  }
  checkOperator(c, NUMBER_OPERATORS);
  return comparing(column, c, numberOf(c, `numeric attribute: ${c.key}`));
}

function orderings(clauses: readonly string[]): Prisma.Sql {
  const keys: string[] = [];
  const parts = (clauses.length > 0 ? clauses : ["creation_time DESC", "experiment_id ASC"]).map((clause) => {
    const { entity, key, ascending } = parseOrdering(clause);
    const column = entity === null || entity === "attribute" || entity === "attributes" ? COLUMNS[key] : undefined;
    if (!column)
      throw orderError(`Invalid attribute key '${key}' specified. Valid keys are '${ATTRIBUTES.join(", ")}'`, clause);
    keys.push(key);
    return ordered(column, ascending);
  });
  if (!keys.includes("experiment_id")) parts.push(Prisma.sql`e.number desc`);
  return Prisma.join(parts);
}

/** Experiments by filter and order, in pages. Errors: invalid_input with the place in the filter. */
export const searchExperiments = defineUseCase({
  name: "tracking.search-experiments",
  scope: "tracking:read",
  effect: "read",
  input: z.object({
    view: ViewType.default("ACTIVE_ONLY"),
    filter: z.string().default(""),
    orderBy: z.array(z.string()).default([]),
    maxResults: z.coerce.number().int().min(1).max(50_000).default(1000),
    pageToken: z.string().optional(),
  }),
  async run({ input, project, db }): Promise<{ experiments: ExperimentDto[]; nextPageToken: string | null }> {
    const offset = offsetOf(input.pageToken);
    const rows = await db.$queryRaw<ExperimentRow[]>`
      select e.id, e.number, e.name, e.lifecycle_stage as "lifecycleStage", e.tags, e.created_at as "createdAt", e.updated_at as "updatedAt"
      from experiments e
      where e.project_id = ${project.id}::uuid and e.lifecycle_stage = any(${stagesOf(input.view)}::text[])
        and ${all(parseComparisons(input.filter).map(condition))}
      order by ${orderings(input.orderBy)}
      limit ${input.maxResults + 1} offset ${offset}`;
    const { page, next } = cutPage(rows, offset, input.maxResults);
    return { experiments: page.map(experimentDto), nextPageToken: next };
  },
});

/** One experiment, by number or by name, deleted ones too. Errors: not_found. */
export const getExperiment = defineUseCase({
  name: "tracking.get-experiment",
  scope: "tracking:read",
  effect: "read",
  input: z.union([z.object({ number: z.coerce.number().int().min(0) }), z.object({ name: z.string() })]),
  async run({ input, project, db }): Promise<ExperimentDto> {
    if ("number" in input) return experimentDto(await experimentByNumber(db, project.id, input.number));
    const row = await db.experiment.findFirst({ where: { projectId: project.id, name: input.name } });
    if (row) return experimentDto(row);
    throw new AppError("not_found", `Could not find experiment with name '${input.name}'`, {
      field: "experiment_name",
      value: input.name,
    });
  },
});

/** Every experiment of the project with the number of its runs, for lists and selects; the one with the latest run first. */
export const listExperiments = defineUseCase({
  name: "tracking.list-experiments",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ view: ViewType.default("ACTIVE_ONLY") }),
  async run({ input, project, db }): Promise<ExperimentSummaryDto[]> {
    const rows = await db.$queryRaw<(ExperimentRow & { runs: number; running: number; lastRunAt: number | null })[]>`
      select e.id, e.number, e.name, e.lifecycle_stage as "lifecycleStage", e.tags, e.created_at as "createdAt", e.updated_at as "updatedAt",
        coalesce(r.runs, 0)::int as runs, coalesce(r.running, 0)::int as running, r.last::float8 as "lastRunAt"
      from experiments e
      left join (
        select experiment_id, count(*) as runs, count(*) filter (where status = 'RUNNING') as running, max(start_time) as last
        from runs where project_id = ${project.id}::uuid and lifecycle_stage = 'active' group by experiment_id
      ) r on r.experiment_id = e.id
      where e.project_id = ${project.id}::uuid and e.lifecycle_stage = any(${stagesOf(input.view)}::text[])
      order by r.last desc nulls last, e.number`;
    return rows.map((row) => ({
      ...experimentDto(row),
      runs: row.runs,
      running: row.running,
      lastRunAt: row.lastRunAt,
    }));
  },
});

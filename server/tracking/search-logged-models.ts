import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { type Comparison, filterError, parseComparisons } from "#server/kernel/comparisons.ts";
import { cutPage, offsetOf } from "#server/kernel/offset-token.ts";
import { Prisma } from "#server/platform/db.ts";
import {
  all,
  checkKey,
  checkOperator,
  comparing,
  LIST_OPERATORS,
  listOf,
  NUMBER_OPERATORS,
  numberOf,
  ordered,
  orderError,
  TEXT_OPERATORS,
  textOf,
} from "./conditions.ts";
import type { LoggedModelDto } from "./contract.ts";
import { type LoggedModelRow, MODEL_COLUMNS, modelById, withMetrics } from "./logged-model.ts";

const TEXTS: Readonly<Record<string, Prisma.Sql>> = {
  model_id: Prisma.sql`m.id`,
  model_type: Prisma.sql`m.model_type`,
  name: Prisma.sql`m.name`,
  source_run_id: Prisma.sql`m.source_run_id`,
  status: Prisma.sql`m.status`,
  experiment_id: Prisma.sql`e.number::text`,
};
const NUMBERS: Readonly<Record<string, Prisma.Sql>> = {
  creation_time: Prisma.sql`m.created_at`,
  creation_timestamp: Prisma.sql`m.created_at`,
  creation_timestamp_ms: Prisma.sql`m.created_at`,
  last_updated_timestamp: Prisma.sql`m.updated_at`,
  last_updated_timestamp_ms: Prisma.sql`m.updated_at`,
};
const ATTRIBUTES = [...Object.keys(TEXTS), ...Object.keys(NUMBERS)].sort();

const DatasetRef = z.object({ name: z.string(), digest: z.string().optional() });
type DatasetRef = z.infer<typeof DatasetRef>;

/** Whether a measurement was made on one of the datasets; true without any. */
function onDatasets(datasets: readonly DatasetRef[]): Prisma.Sql {
  if (datasets.length === 0) return Prisma.sql`true`;
  const any = datasets.map(({ name, digest }) =>
    digest === undefined
      ? Prisma.sql`x.dataset_name = ${name}`
      : Prisma.sql`(x.dataset_name = ${name} and x.dataset_digest = ${digest})`,
  );
  return Prisma.sql`(${Prisma.join(any, " or ")})`;
}

function condition(c: Comparison, datasets: readonly DatasetRef[]): Prisma.Sql {
  switch (c.entity) {
    case "metrics": {
      checkOperator(c, NUMBER_OPERATORS);
      const compared = comparing(Prisma.sql`x.value`, c, numberOf(c, "metric"));
      return Prisma.sql`exists (
        select 1 from logged_model_metrics x
        where x.model_id = m.id and x.key = ${c.key} and not x.is_nan and ${compared} and ${onDatasets(datasets)})`;
    }
    case "params":
    case "tags": {
      checkOperator(c, [...TEXT_OPERATORS, ...LIST_OPERATORS]);
      const column = c.entity === "tags" ? Prisma.sql`m.tags` : Prisma.sql`m.params`;
      const value = c.value.kind === "list" ? listOf(c) : textOf(c, c.entity === "tags" ? "tag" : "parameter");
      return comparing(Prisma.sql`${column} ->> ${c.key}::text`, c, value);
    }
    case null:
    case "attributes":
      return attribute(c);
    default:
      throw filterError(
        `Invalid entity type: '${c.entity}'. Expected one of ['attributes', 'metrics', 'params', 'tags'].`,
        c,
      );
  }
}

function attribute(c: Comparison): Prisma.Sql {
  checkKey(c, "attribute", ATTRIBUTES);
  const number = NUMBERS[c.key];
  if (number) {
    checkOperator(c, NUMBER_OPERATORS);
    return comparing(number, c, numberOf(c, `numeric attribute: ${c.key}`));
  }
  checkOperator(c, [...TEXT_OPERATORS, ...LIST_OPERATORS]);
  return comparing(TEXTS[c.key] ?? Prisma.sql`m.id`, c, c.value.kind === "list" ? listOf(c) : textOf(c, "attributes"));
}

const Order = z.object({ field: z.string(), ascending: z.boolean().default(true), dataset: DatasetRef.optional() });

function orderings(orders: readonly z.infer<typeof Order>[]): Prisma.Sql {
  const parts = orders.map(({ field, ascending, dataset }) => {
    const column = NUMBERS[field] ?? TEXTS[field];
    if (column) return ordered(column, ascending);
    const [entity, ...rest] = field.split(".");
    if (rest.length === 0) throw orderError(`Invalid order by field name: ${field}`, field);
    if (entity !== "metrics")
      throw orderError(`Invalid order by field name: ${field}. Only metrics are supported.`, field);
    return ordered(
      Prisma.sql`(
        select x.value from logged_model_metrics x
        where x.model_id = m.id and x.key = ${rest.join(".")} and not x.is_nan and ${onDatasets(dataset ? [dataset] : [])}
        order by x.timestamp desc, x.step desc, x.run_id limit 1)`,
      ascending,
    );
  });
  if (!orders.some(({ field }) => field.startsWith("creation_time"))) parts.push(Prisma.sql`m.created_at desc`);
  parts.push(Prisma.sql`m.id`);
  return Prisma.join(parts);
}

/** Logged models of the named experiments by filter, datasets and order, in pages. Errors: invalid_input with the place in the filter. */
export const searchLoggedModels = defineUseCase({
  name: "tracking.search-logged-models",
  scope: "tracking:read",
  effect: "read",
  input: z.object({
    experiments: z.array(z.number().int()),
    filter: z.string().default(""),
    datasets: z.array(DatasetRef).default([]),
    orderBy: z.array(Order).default([]),
    maxResults: z.number().int().min(1).max(50_000).default(50),
    pageToken: z.string().optional(),
  }),
  async run({ input, project, db }): Promise<{ models: LoggedModelDto[]; nextPageToken: string | null }> {
    const { datasets } = input;
    if (datasets.some(({ name }) => name === ""))
      throw new AppError("invalid_input", "`dataset_name` in the `datasets` clause must be specified.", {
        field: "datasets",
      });
    const comparisons = parseComparisons(input.filter);
    const where = comparisons.map((c) => condition(c, datasets));
    if (datasets.length > 0 && !comparisons.some((c) => c.entity === "metrics"))
      where.push(
        Prisma.sql`exists (select 1 from logged_model_metrics x where x.model_id = m.id and ${onDatasets(datasets)})`,
      );
    const offset = offsetOf(input.pageToken);
    const rows = await db.$queryRaw<LoggedModelRow[]>`
      select ${MODEL_COLUMNS} from logged_models m join experiments e on e.id = m.experiment_id
      where m.project_id = ${project.id}::uuid and m.deleted_at is null
        and e.number = any(${input.experiments.map(String)}::text[]::bigint[]) and ${all(where)}
      order by ${orderings(input.orderBy)}
      limit ${input.maxResults + 1} offset ${offset}`;
    const { page, next } = cutPage(rows, offset, input.maxResults);
    return { models: await withMetrics(db, page), nextPageToken: next };
  },
});

/** One logged model with its tags, parameters and measurements. Errors: not_found. */
export const getLoggedModel = defineUseCase({
  name: "tracking.get-logged-model",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ modelId: z.string(), deleted: z.boolean().default(false) }),
  run: ({ input, project, db }) => modelById(db, project.id, input.modelId, input.deleted),
});

/** The logged models that a run made, oldest first. */
export const listModelsOfRun = defineUseCase({
  name: "tracking.list-models-of-run",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ runId: z.string() }),
  async run({ input, project, db }): Promise<LoggedModelDto[]> {
    const rows = await db.$queryRaw<LoggedModelRow[]>`
      select ${MODEL_COLUMNS} from logged_models m join experiments e on e.id = m.experiment_id
      where m.project_id = ${project.id}::uuid and m.deleted_at is null
        and (m.source_run_id = ${input.runId}
          or m.id in (select l.model_id from run_model_links l where l.run_id = ${input.runId} and l.direction = 'output'))
      order by m.created_at, m.id`;
    return await withMetrics(db, rows);
  },
});

import { type Comparison, filterError, parseComparisons, parseOrdering } from "#server/kernel/comparisons.ts";
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
import { TAGS } from "./contract.ts";

type Kind = "metric" | "parameter" | "tag" | "attribute" | "dataset";
const ENTITIES: Readonly<Record<string, Kind>> = {
  metric: "metric",
  metrics: "metric",
  parameter: "parameter",
  parameters: "parameter",
  param: "parameter",
  params: "parameter",
  tag: "tag",
  tags: "tag",
  attribute: "attribute",
  attributes: "attribute",
  attr: "attribute",
  run: "attribute",
  dataset: "dataset",
  datasets: "dataset",
};

/** Attributes of a run: what filters may name, on the tables r (runs) and e (experiments). */
const TEXTS: Readonly<Record<string, Prisma.Sql>> = {
  artifact_uri: Prisma.sql`('mlflow-artifacts:/' || e.number || '/' || r.id || '/artifacts')`,
  run_id: Prisma.sql`r.id`,
  run_name: Prisma.sql`r.name`,
  "run name": Prisma.sql`r.name`,
  "Run name": Prisma.sql`r.name`,
  "Run Name": Prisma.sql`r.name`,
  status: Prisma.sql`r.status`,
  user_id: Prisma.sql`r.user_name`,
};
const NUMBERS: Readonly<Record<string, Prisma.Sql>> = {
  start_time: Prisma.sql`r.start_time`,
  created: Prisma.sql`r.start_time`,
  Created: Prisma.sql`r.start_time`,
  end_time: Prisma.sql`r.end_time`,
};
const ATTRIBUTES = [...Object.keys(NUMBERS), ...Object.keys(TEXTS)].sort();

/** What a comparison speaks of, by the word before its dot. */
export function kindOf(entity: string | null): Kind | undefined {
  return entity === null ? "attribute" : ENTITIES[entity];
}

const unknownEntity = (entity: string | null) =>
  `Invalid entity type '${entity ?? ""}'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']`;

function attribute(c: Comparison): Prisma.Sql {
  checkKey(c, "attribute", ATTRIBUTES);
  const number = NUMBERS[c.key];
  if (number) {
    checkOperator(c, NUMBER_OPERATORS);
    return comparing(number, c, numberOf(c, `numeric attribute: ${c.key}`));
  }
  checkOperator(c, [...TEXT_OPERATORS, ...LIST_OPERATORS]);
  const column = TEXTS[c.key] ?? Prisma.sql`r.id`;
  if (c.value.kind !== "list") return comparing(column, c, textOf(c, "attributes"));
  if (c.key !== "run_id")
    throw filterError("Only ['run_id'] attributes support comparison with a list of quoted string values.", c);
  return comparing(column, c, listOf(c));
}

/**
 * What ends a subquery that Postgres must not turn into a join: OFFSET keeps it a question asked of one run at a time (PostgreSQL, planner,
 * simplify_EXISTS_query).
 */
const fence = (each: boolean): Prisma.Sql => (each ? Prisma.sql`offset 0` : Prisma.empty);

function dataset(c: Comparison, each: boolean): Prisma.Sql {
  checkKey(c, "dataset", ["context", "digest", "name"]);
  checkOperator(c, [...TEXT_OPERATORS, ...LIST_OPERATORS]);
  const column =
    c.key === "context"
      ? Prisma.sql`i.tags ->> ${TAGS.datasetContext}::text`
      : c.key === "digest"
        ? Prisma.sql`i.digest`
        : Prisma.sql`i.name`;
  const value = c.value.kind === "list" ? listOf(c) : textOf(c, "dataset attributes");
  return Prisma.sql`exists (select 1 from run_inputs i where i.run_id = r.id and ${comparing(column, c, value)} ${fence(each)})`;
}

function keyed(c: Comparison, kind: "parameter" | "tag", each: boolean): Prisma.Sql {
  checkOperator(c, [...TEXT_OPERATORS, ...NULL_OPERATORS]);
  const table = kind === "parameter" ? Prisma.sql`run_params` : Prisma.sql`run_tags`;
  const there = Prisma.sql`exists (select 1 from ${table} k where k.run_id = r.id and k.key = ${c.key}`;
  if (c.operator === "IS NULL") return Prisma.sql`not ${there} ${fence(each)})`;
  if (c.operator === "IS NOT NULL") return Prisma.sql`${there} ${fence(each)})`;
  return Prisma.sql`${there} and ${comparing(Prisma.sql`k.value`, c, textOf(c, kind))} ${fence(each)})`;
}

function metric(c: Comparison, each: boolean): Prisma.Sql {
  checkOperator(c, NUMBER_OPERATORS);
  const compared = comparing(Prisma.sql`m.value`, c, numberOf(c, "metric"));
  // NaN is unequal to every number and neither greater nor less; its row holds a 0 that must not be compared.
  const holds =
    c.operator === "!=" ? Prisma.sql`(m.is_nan or ${compared})` : Prisma.sql`(not m.is_nan and ${compared})`;
  // Of many runs at once, an index has the values of their experiment in order; of one run, its own key is nearer.
  const among = each ? Prisma.empty : Prisma.sql`and m.experiment_id = r.experiment_id`;
  return Prisma.sql`exists (select 1 from latest_metrics m where m.run_id = r.id ${among} and m.key = ${c.key} and ${holds} ${fence(each)})`;
}

function condition(c: Comparison, each: boolean): Prisma.Sql {
  const kind = kindOf(c.entity);
  if (!kind)
    throw filterError(
      unknownEntity(c.entity),
      c,
      "Begin a name with metrics., params., tags., attributes. or datasets.",
    );
  if (NULL_OPERATORS.includes(c.operator) && kind !== "parameter" && kind !== "tag")
    throw filterError(`IS NULL / IS NOT NULL is only supported for tags and params, not for '${kind}' '${c.key}'`, c);
  if (kind === "metric") return metric(c, each);
  if (kind === "attribute") return attribute(c);
  return kind === "dataset" ? dataset(c, each) : keyed(c, kind, each);
}

/** Comparisons that must all hold, as `runFilter` writes them. Errors: invalid_input with the place in the filter. */
export function conditionsOf(comparisons: readonly Comparison[], each: boolean): Prisma.Sql {
  // Postgres asks equally dear questions of a run in the order in which they stand; after an equality the fewest are left for the next.
  const inOrder = each
    ? comparisons.toSorted((a, b) => Number(b.operator === "=") - Number(a.operator === "="))
    : comparisons;
  return all(inOrder.map((comparison) => condition(comparison, each)));
}

/**
 * The filter of a run search as SQL on r (runs) and e (experiments). With `each` it is asked of one run at a time, for queries that look at few runs;
 * without, Postgres may begin with what is rarest. Errors: invalid_input with the place in the filter.
 */
export function runFilter(filter: string, each = false): Prisma.Sql {
  return conditionsOf(parseComparisons(filter), each);
}

export interface RunOrder {
  /** Joins that the ordering needs. */
  readonly joins: Prisma.Sql;
  readonly orderBy: Prisma.Sql;
}

/**
 * The ordering of a run search. Runs without the value come last, NaN between them and the numbers, whatever the direction; ties go to the later
 * start, then to the id. Errors: invalid_input with field "order_by".
 */
export function runOrder(clauses: readonly string[]): RunOrder {
  const joins: Prisma.Sql[] = [];
  const parts: Prisma.Sql[] = [];
  const seen = new Set<string>();
  clauses.forEach((clause, i) => {
    const { entity, key, ascending } = parseOrdering(clause);
    const kind = kindOf(entity);
    if (!kind) throw orderError(unknownEntity(entity), clause);
    const column = kind === "attribute" ? (NUMBERS[key] ?? TEXTS[key]) : undefined;
    if (kind === "attribute" && !column)
      throw orderError(`Invalid attribute key '${key}' specified. Valid keys are '${ATTRIBUTES.join(", ")}'`, clause);
    if (kind === "dataset") throw orderError(`Invalid order_by entity type '${kind}'`, clause);
    const name = column ? column.sql : `${kind} ${key}`;
    if (seen.has(name)) throw orderError(`\`order_by\` contains duplicate fields: [${clauses.join(", ")}]`, clause);
    seen.add(name);
    if (column) {
      parts.push(ordered(column, ascending));
      return;
    }
    const alias = Prisma.raw(`o${i}`);
    const table = Prisma.raw(kind === "metric" ? "latest_metrics" : kind === "tag" ? "run_tags" : "run_params");
    const among = kind === "metric" ? Prisma.sql`and ${alias}.experiment_id = r.experiment_id` : Prisma.empty;
    joins.push(Prisma.sql`left join ${table} ${alias} on ${alias}.run_id = r.id ${among} and ${alias}.key = ${key}`);
    if (kind === "metric") parts.push(Prisma.sql`${alias}.is_nan asc nulls last`);
    parts.push(ordered(Prisma.sql`${alias}.value`, ascending));
  });
  if (!seen.has("r.start_time")) parts.push(Prisma.sql`r.start_time desc`);
  parts.push(Prisma.sql`r.id`);
  return { joins: joins.length > 0 ? Prisma.join(joins, " ") : Prisma.empty, orderBy: Prisma.join(parts) };
}

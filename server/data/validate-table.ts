import { messageOf } from "#server/kernel/errors.ts";
import { isNumeric, quoted, type TableFile } from "#server/platform/table-file.ts";
import type { Expectation, RuleResult, Validation } from "./contract.ts";

const percent = (share: number): string => `${Number((share * 100).toPrecision(4))}%`;
const limits = (min: number | undefined, max: number | undefined): string =>
  min !== undefined && max !== undefined
    ? `between ${min} and ${max}`
    : min !== undefined
      ? `at least ${min}`
      : max !== undefined
        ? `at most ${max}`
        : "any number";
const literal = (value: string | number | boolean): string =>
  typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);

/** Whether a cell complies, as SQL. Missing cells are the business of not_null alone. */
function compliance(
  rule: Exclude<Expectation, { rule: "row_count_min" | "unique" | "mean_between" }>,
  numeric: boolean,
): string {
  const column = quoted(rule.column);
  switch (rule.rule) {
    case "not_null":
      return numeric ? `${column} is not null and not isnan(${column}::double)` : `${column} is not null`;
    case "in_set":
      return `${numeric ? column : `${column}::varchar`} in (${rule.values.map((v) => (numeric ? literal(v) : literal(String(v)))).join(", ")})`;
    case "between": {
      const value = `${column}::double`;
      return [
        `not isnan(${value})`,
        ...(rule.min === undefined ? [] : [`${value} >= ${rule.min}`]),
        ...(rule.max === undefined ? [] : [`${value} <= ${rule.max}`]),
      ].join(" and ");
    }
    case "matches":
      return `regexp_full_match(${column}::varchar, ${literal(rule.pattern)})`;
  }
}

function wording(rule: Expectation): string {
  const mostly = "mostly" in rule && rule.mostly !== undefined ? ` in at least ${percent(rule.mostly)} of rows` : "";
  switch (rule.rule) {
    case "row_count_min":
      return `at least ${rule.min} rows`;
    case "not_null":
      return `${rule.column} is never missing${mostly ? mostly.replace(" in", ", but allowed: filled in") : ""}`;
    case "unique":
      return `${rule.column} never repeats`;
    case "in_set":
      return `${rule.column} is one of ${rule.values.slice(0, 12).join(", ")}${rule.values.length > 12 ? " …" : ""}${mostly}`;
    case "between":
      return `${rule.column} is ${limits(rule.min, rule.max)}${mostly}`;
    case "matches":
      return `${rule.column} matches ${rule.pattern}${mostly}`;
    case "mean_between":
      return `the mean of ${rule.column} is ${limits(rule.min, rule.max)}`;
  }
}

async function check(
  table: TableFile,
  types: ReadonlyMap<string, string>,
  rule: Expectation,
): Promise<{ passed: boolean; observed: string }> {
  const one = async (sql: string): Promise<Record<string, unknown>> => (await table.rows(sql))[0] ?? {};
  if (rule.rule === "row_count_min") {
    const rows = Number((await one("select count(*)::double as n from data"))["n"]);
    return { passed: rows >= rule.min, observed: `${rows} rows` };
  }
  const type = types.get(rule.column);
  if (type === undefined) return { passed: false, observed: `there is no column ${rule.column}` };
  const column = quoted(rule.column);
  if (rule.rule === "unique") {
    const row = await one(`select (count(${column}) - count(distinct ${column}))::double as n from data`);
    const repeated = Number(row["n"]);
    return { passed: repeated === 0, observed: repeated === 0 ? "no repetition" : `${repeated} repeated values` };
  }
  if (rule.rule === "mean_between") {
    const mean = Number(
      (await one(`select avg(${column}::double) as m from data where not isnan(${column}::double)`))["m"] ?? Number.NaN,
    );
    const passed = mean >= (rule.min ?? Number.NEGATIVE_INFINITY) && mean <= (rule.max ?? Number.POSITIVE_INFINITY);
    return { passed, observed: Number.isNaN(mean) ? "no values" : `mean ${Number(mean.toPrecision(5))}` };
  }
  const complies = compliance(rule, isNumeric(type));
  const present = rule.rule === "not_null" ? "true" : `${column} is not null`;
  const row = await one(
    `select count(*) filter (where ${present})::double as n, count(*) filter (where ${present} and coalesce(${complies}, false))::double as ok from data`,
  );
  const n = Number(row["n"]);
  const bad = n - Number(row["ok"]);
  const passed = n === 0 ? true : (n - bad) / n >= (rule.mostly ?? 1);
  return { passed, observed: bad === 0 ? `all ${n} rows comply` : `${bad} of ${n} rows do not (${percent(bad / n)})` };
}

/** Checks a table against its dataset's expectations. A rule that cannot be evaluated fails and says why. */
export async function validateTable(table: TableFile, expectations: readonly Expectation[]): Promise<Validation> {
  const types = new Map((await table.columns()).map((column) => [column.name, column.type]));
  const rules: RuleResult[] = [];
  for (const rule of expectations) {
    const result = await check(table, types, rule).catch((error: unknown) => ({
      passed: false,
      observed: `the rule cannot be checked: ${messageOf(error).split("\n")[0] ?? ""}`,
    }));
    rules.push({ rule: rule.rule, column: "column" in rule ? rule.column : null, text: wording(rule), ...result });
  }
  return { passed: rules.every((rule) => rule.passed), checkedAt: new Date().toISOString(), rules };
}

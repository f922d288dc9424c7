import { AppError } from "#server/kernel/errors.ts";
import { type Comparison, filterError, type Operator } from "#server/kernel/comparisons.ts";
import { Prisma } from "#server/platform/db.ts";

const SYMBOLS: Readonly<Partial<Record<Operator, Prisma.Sql>>> = {
  "=": Prisma.sql`=`,
  "!=": Prisma.sql`<>`,
  ">": Prisma.sql`>`,
  ">=": Prisma.sql`>=`,
  "<": Prisma.sql`<`,
  "<=": Prisma.sql`<=`,
  LIKE: Prisma.sql`like`,
  ILIKE: Prisma.sql`ilike`,
};

export const NUMBER_OPERATORS: readonly Operator[] = ["!=", "<", "<=", "=", ">", ">="];
export const TEXT_OPERATORS: readonly Operator[] = ["!=", "=", "ILIKE", "LIKE"];
export const NULL_OPERATORS: readonly Operator[] = ["IS NOT NULL", "IS NULL"];
export const LIST_OPERATORS: readonly Operator[] = ["IN", "NOT IN"];

const quoted = (names: readonly string[]) => `{${names.map((name) => `'${name}'`).join(", ")}}`;

/** Refuses an operator that the compared thing does not have. */
export function checkOperator(c: Comparison, allowed: readonly Operator[]): void {
  if (!allowed.includes(c.operator))
    throw filterError(
      `Invalid comparator '${c.operator}' not one of '${quoted(allowed.toSorted())}'`,
      c,
      allowed.includes(">")
        ? "This is a number: compare it with =, !=, <, <=, > or >=."
        : "This is a text: compare it with =, !=, LIKE or ILIKE, and a value in quotes.",
    );
}

/** Refuses a key that is none of `valid`. `what` is "attribute" or "dataset". */
export function checkKey(c: Comparison, what: string, valid: readonly string[]): void {
  if (!valid.includes(c.key))
    throw filterError(`Invalid ${what} key '${c.key}' specified. Valid keys are '${quoted(valid)}'`, c);
}

/** The number a comparison names. `what` says of what, e.g. "metric" or "numeric attribute: start_time". */
export function numberOf(c: Comparison, what: string): number {
  if (c.value.kind === "number") return c.value.number;
  throw filterError(`Expected numeric value type for ${what}. Found ${c.raw}`, c, "Write a number without quotes.");
}

/** The text a comparison names; it must stand in quotes. */
export function textOf(c: Comparison, what: string): string {
  if (c.value.kind === "text") return c.value.text;
  const said =
    what === "attributes" || what === "dataset attributes"
      ? `Expected a quoted string value for ${what}. Got value ${c.raw}`
      : `Expected a quoted string value for ${what} (e.g. 'my-value'). Got value ${c.raw}`;
  throw filterError(said, c, `Put the value in quotes: '${c.raw.replaceAll("'", "")}'.`);
}

/** The quoted texts of an IN list, of which there must be one. */
export function listOf(c: Comparison): readonly string[] {
  if (c.value.kind === "list" && c.value.items.length > 0) return c.value.items;
  throw filterError(
    c.value.kind === "list"
      ? "While parsing a list in the query, expected a non-empty list of string values, but got empty list"
      : "While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list.",
    c,
  );
}

/** `column <operator> value` for the operators that have a value. Missing values match nothing, not even !=. */
export function comparing(column: Prisma.Sql, c: Comparison, value: string | number | readonly string[]): Prisma.Sql {
  if (Array.isArray(value))
    return c.operator === "IN"
      ? Prisma.sql`${column} = any(${value}::text[])`
      : Prisma.sql`${column} <> all(${value}::text[])`;
  const symbol = SYMBOLS[c.operator];
  if (!symbol) throw filterError(`Invalid comparator '${c.operator}'`, c);
  if (typeof value === "number") return Prisma.sql`${column} ${symbol} ${value}::float8`;
  return Prisma.sql`${column} ${symbol} ${value}`;
}

/** Joins conditions by AND; true when there are none. */
export function all(conditions: readonly Prisma.Sql[]): Prisma.Sql {
  return conditions.length === 0 ? Prisma.sql`true` : Prisma.join([...conditions], " and ");
}

export function orderError(message: string, clause: string): AppError {
  return new AppError("invalid_input", message, { field: "order_by", value: clause });
}

/** `column asc|desc` with what is missing always last. */
export function ordered(column: Prisma.Sql, ascending: boolean): Prisma.Sql {
  return ascending ? Prisma.sql`${column} asc nulls last` : Prisma.sql`${column} desc nulls last`;
}

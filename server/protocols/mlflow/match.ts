import { type Comparison, filterError } from "#server/kernel/comparisons.ts";

/** SQL's LIKE as a regular expression. */
function likeness(pattern: string, flags: string): RegExp {
  const source = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("%", ".*")
    .replaceAll("_", ".");
  return new RegExp(`^${source}$`, `s${flags}`);
}

/** Whether a text meets a comparison; what is missing meets none. Errors: invalid_input at its place for a value or operator that texts do not have. */
export function textMatches(text: string | null | undefined, c: Comparison): boolean {
  if (c.value.kind === "list" && (c.operator === "IN" || c.operator === "NOT IN")) {
    if (text === null || text === undefined) return false;
    return c.value.items.includes(text) === (c.operator === "IN");
  }
  if (c.value.kind !== "text")
    throw filterError(
      `Expected a quoted string value or a list of quoted string values for attributes. Got value ${c.raw}`,
      c,
    );
  const { text: wanted } = c.value;
  switch (c.operator) {
    case "=":
      return text === wanted;
    case "!=":
      return text !== null && text !== undefined && text !== wanted;
    case "LIKE":
      return typeof text === "string" && likeness(wanted, "").test(text);
    case "ILIKE":
      return typeof text === "string" && likeness(wanted, "i").test(text);
    default:
      throw filterError(
        `Invalid comparator '${c.operator}' not one of '{'!=', '=', 'ILIKE', 'IN', 'LIKE', 'NOT IN'}'`,
        c,
      );
  }
}

/** Whether a number meets a comparison. Errors: invalid_input at its place. */
export function numberMatches(number: number, c: Comparison): boolean {
  if (c.value.kind !== "number")
    throw filterError(`Expected numeric value type for numeric attribute: ${c.key}. Found ${c.raw}`, c);
  const { number: wanted } = c.value;
  switch (c.operator) {
    case "=":
      return number === wanted;
    case "!=":
      return number !== wanted;
    case ">":
      return number > wanted;
    case ">=":
      return number >= wanted;
    case "<":
      return number < wanted;
    case "<=":
      return number <= wanted;
    default:
      throw filterError(`Invalid comparator '${c.operator}' not one of '{'!=', '<', '<=', '=', '>', '>='}'`, c);
  }
}

/** The tag by which MLflow keeps prompts apart: its absence means "no prompt", unlike that of every other tag. */
const PROMPT = "mlflow.prompt.is_prompt";

export function tagMatches(tags: Readonly<Record<string, string>>, c: Comparison): boolean {
  const value = tags[c.key];
  if (c.key === PROMPT && value === undefined && c.value.kind === "text")
    return (c.operator === "=" && c.value.text === "false") || (c.operator === "!=" && c.value.text === "true");
  return textMatches(value, c);
}

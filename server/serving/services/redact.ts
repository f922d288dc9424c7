import { createHash } from "node:crypto";
import type { Redaction } from "../contract.ts";

/** Largest JSON of one input or output that the log keeps, in characters. */
const LONGEST = 64_000;
const DEEPEST = 40;

/**
 * A value as the log keeps it: fields that a rule names are left out or replaced by their SHA-256, others stay. Rules name fields from the top
 * ("customer.name"); a list is passed through, so "customers.name" means the name of each. The text is JSON that Postgres takes.
 */
export function redactedJson(value: unknown, rules: Redaction): string | null {
  if (value === undefined) return null;
  const text = JSON.stringify(walk(value, "", rules, 0));
  return text.length <= LONGEST ? text : JSON.stringify({ "not kept": `${text.length} characters are too many` });
}

function walk(value: unknown, path: string, rules: Redaction, depth: number): unknown {
  if (depth > DEEPEST) return "nested too deep to keep";
  // Postgres keeps no NUL in JSON.
  if (typeof value === "string") return value.replaceAll("\0", "");
  if (Array.isArray(value)) return value.map((item: unknown) => walk(item, path, rules, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  const kept: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const name = path === "" ? key : `${path}.${key}`;
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === "drop") continue;
    const shown = key.replaceAll("\0", "");
    kept.push([shown, rule === "hash" ? hashOf(inner) : walk(inner, name, rules, depth + 1)]);
  }
  return Object.fromEntries(kept);
}

function hashOf(value: unknown): string {
  return `sha256:${createHash("sha256").update(JSON.stringify(value)).digest("hex")}`;
}

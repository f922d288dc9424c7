import type { LogRules, RedactionRule } from "./arms-contract.ts";

/** What an endpoint's log keeps, as its row says. A rule that nobody knows keeps its column out. */
export function logRulesOf(row: { readonly logShare: number; readonly redaction: unknown }): LogRules {
  const stated = typeof row.redaction === "object" && row.redaction !== null ? Object.entries(row.redaction) : [];
  const redaction = stated.map(([column, rule]): [string, RedactionRule] => [
    column,
    rule === "hash" ? "hash" : "drop",
  ]);
  return { share: row.logShare, redaction: Object.fromEntries(redaction) };
}

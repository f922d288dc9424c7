import { PolicySpec } from "#server/governance/contract.ts";

/** What the rows of a model are called, in the plural: the word that its policy uses for the hold-out, else "predictions". */
export function rowsOfPolicy(spec: unknown): string {
  const parsed = PolicySpec.safeParse(spec);
  if (!parsed.success) return "predictions";
  const words = parsed.data.checks.flatMap((check) =>
    check.type === "holdout" && check.rows !== "rows" ? [check.rows] : [],
  );
  return words[0] ?? "predictions";
}

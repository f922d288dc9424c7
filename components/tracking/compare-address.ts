import { withQuery } from "#components/ui/api.ts";
import { LIMITS } from "#server/tracking/contract.ts";
import type { Query } from "./runs-table/table-state.ts";

/** Ids in one address: servers and proxies refuse much longer ones. */
export const LISTED = 250;
/** What to do with more. */
export const MANY = "Search for the runs you mean, then select all of them with the box in the table's head.";

/**
 * The address that compares the runs of a selection: by their ids, or, when it is all of a search, by the search, for up to 1,000 runs. Null for too many
 * that nothing but their ids describes.
 */
export function compareAddress(project: string, ids: readonly string[], whole: Query | null): string | null {
  const page = `/p/${project}/experiments/compare`;
  if (ids.length <= LISTED) return `${page}?runs=${ids.join(",")}`;
  // The search of a comparison knows active runs only.
  if (whole === null || whole["view"] !== undefined) return null;
  const { orderBy, ...scope } = whole;
  const [order] = typeof orderBy === "string" ? (JSON.parse(orderBy) as string[]) : [];
  return withQuery(page, { ...scope, order, top: Math.min(ids.length, LIMITS.runsPerComparison) });
}

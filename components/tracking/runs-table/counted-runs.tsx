import { formatNumber, plural } from "#components/ui/format.ts";
import type { TableState } from "./table-state.ts";
import type { useLines } from "./use-lines.ts";

/** How many runs or groups the table holds. Pinned runs stay whatever is sought, so they do not count as found. */
export function CountedRuns({ state, lines }: { state: TableState; lines: ReturnType<typeof useLines> }) {
  if (lines.groups) {
    const runs = lines.groups.groups.reduce((sum, group) => sum + group.runs, 0);
    return `${lines.groups.more ? "More than " : ""}${plural(lines.groups.groups.length, "group")} of ${plural(runs, "run")}`;
  }
  if (!lines.total) return null;
  const { runs, more } = lines.total;
  const said = (count: number): string =>
    `${more ? "More than " : ""}${formatNumber(count)} ${count === 1 ? "run" : "runs"}`;
  if (state.filter === "") return said(runs + lines.pinnedLines);
  return `${said(runs)} found${lines.pinnedLines > 0 ? ` beside ${formatNumber(lines.pinnedLines)} pinned` : ""}`;
}

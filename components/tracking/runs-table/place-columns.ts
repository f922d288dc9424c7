import { type RunColumn, runColumn } from "../run-columns.tsx";
import { LEAD, type Placed, TAIL } from "./runs-row.tsx";
import type { ShownColumn } from "./table-state.ts";

/** Least width of a metric's column where groups show mean, least and greatest. */
const GROUPED = 210;
/** Pixels beyond the edges in which columns are drawn all the same. */
const AROUND = 240;

/** The columns in order, those that stay in sight first; the name is one of them, and takes the width that nobody needs. */
export function arranged(
  project: string,
  shown: readonly ShownColumn[],
  grouped: boolean,
  room: number,
): (RunColumn & { px: number; left: number | null })[] {
  const known = shown.flatMap((column) => {
    const found = runColumn(project, column.id);
    if (!found) return [];
    const own = grouped && found.group === "Metrics" ? GROUPED : found.width;
    return [{ ...found, px: column.width ?? own, stays: column.pinned === true || column.id === "name" }];
  });
  const ordered = [
    ...known.filter((column) => column.id === "name"),
    ...known.filter((column) => column.id !== "name" && column.stays),
    ...known.filter((column) => !column.stays),
  ];
  const free = room - LEAD - TAIL - ordered.reduce((sum, column) => sum + column.px, 0);
  let left = LEAD;
  return ordered.map(({ stays, ...column }, i) => {
    const px = i === 0 && free > 0 ? column.px + free : column.px;
    const placed = { ...column, px, left: stays ? left : null };
    left += px;
    return placed;
  });
}

/** Which of the columns that scroll are in sight. */
export function inSight(columns: Placed["columns"], scrolled: number, room: number): Placed {
  const fixed = columns.filter((column) => column.left !== null);
  const moving = columns.slice(fixed.length);
  const stays = LEAD + fixed.reduce((sum, column) => sum + column.px, 0);
  const from = scrolled - AROUND;
  const to = scrolled + Math.max(0, room - stays) + AROUND;
  let at = 0;
  let before = 0;
  let after = 0;
  let first = -1;
  let end = 0;
  moving.forEach((column, i) => {
    if (at + column.px < from) before += column.px;
    else if (at > to) after += column.px;
    else {
      if (first < 0) first = i;
      end = i + 1;
    }
    at += column.px;
  });
  return { columns, before, first: Math.max(0, first), end, after, total: stays + at + TAIL };
}

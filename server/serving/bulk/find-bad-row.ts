import { isAppError } from "#server/kernel/errors.ts";
import type { Columns, LoadedModel } from "#server/platform/runtimes.ts";

/** Rows from `from` up to `to`. */
export function sliceColumns(columns: Columns, from: number, to: number): Columns {
  return Object.fromEntries(Object.entries(columns).map(([name, cells]) => [name, cells.slice(from, to)]));
}

async function fails(model: LoadedModel, columns: Columns, rows: number): Promise<boolean> {
  try {
    await model.scoreTable(columns, rows);
    return false;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return true;
  }
}

/**
 * Which row a model cannot compute, and by which column: a runtime says only that a run of many rows failed. The row is found by halving; the column by
 * putting the cell of a row that can be computed in its place. `key` is null when no single cell is to blame, `row` null when every part can be computed.
 */
export async function findBadRow(
  model: LoadedModel,
  columns: Columns,
  rows: number,
): Promise<{ row: number; key: string | null } | null> {
  let [good, bad] = [0, rows];
  if (!(await fails(model, columns, rows))) return null;
  // Rows before `good` can be computed together; those before `bad` cannot.
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (await fails(model, sliceColumns(columns, good, middle), middle - good)) bad = middle;
    else good = middle;
  }
  const row = good;
  const healthy = await findHealthy(model, columns, rows, row);
  if (healthy !== null)
    for (const name of Object.keys(columns)) {
      const patched = {
        ...sliceColumns(columns, row, row + 1),
        ...sliceColumns({ [name]: columns[name] ?? [] }, healthy, healthy + 1),
      };
      if (!(await fails(model, patched, 1))) return { row, key: name };
    }
  return { row, key: null };
}

/** A row that can be computed: the one before, or one of the next few. */
async function findHealthy(model: LoadedModel, columns: Columns, rows: number, bad: number): Promise<number | null> {
  if (bad > 0) return bad - 1;
  for (let row = bad + 1; row < Math.min(rows, bad + 20); row += 1)
    if (!(await fails(model, sliceColumns(columns, row, row + 1), 1))) return row;
  return null;
}

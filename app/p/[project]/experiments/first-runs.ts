import {
  pinnedQuery,
  type Query,
  ROWS_PER_PAGE,
  rootQuery,
  type ShownColumn,
  type TableState,
} from "#components/tracking/runs-table/table-state.ts";
import type { Actor } from "#server/identity/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { ListRunsInput, type RunMarkDto } from "#server/tracking/contract.ts";
import { listRuns } from "#server/tracking/index.ts";

interface Shown {
  readonly state: TableState;
  readonly columns: readonly ShownColumn[];
  readonly marks: readonly RunMarkDto[];
}

/**
 * The runs that the table shows first, and those that the reader pinned above them: coming later they would push down what somebody reads already. null for
 * groups, and for a filter that cannot be read: that is answered where it is typed, not by the whole page.
 */
export async function firstRuns(actor: Actor, project: string, { state, columns, marks }: Shown) {
  const root = rootQuery(state, columns);
  const page = async (query: Query) => {
    const wanted = ListRunsInput.safeParse({ ...query, maxResults: ROWS_PER_PAGE, offset: 0, count: true });
    if (state.group !== "" || !wanted.success) return null;
    return await listRuns(actor, project, wanted.data).catch((error: unknown) => {
      if (isAppError(error, "invalid_input")) return null;
      throw error;
    });
  };
  const [initial, pinned] = await Promise.all([
    page(root),
    marks.some((mark) => mark.pinned) ? page(pinnedQuery(root)) : null,
  ]);
  return { initial, pinned };
}

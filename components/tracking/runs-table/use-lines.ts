"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type RefObject, useMemo, useState } from "react";
import type { RunSummaryPage } from "#server/tracking/contract.ts";
import { type Layout, layoutOf, type Opened, type Segment, type Source, withChildren } from "./segments.ts";
import { groupsQuery } from "./queries.ts";
import {
  columnsQuery,
  groupClause,
  nests,
  orderQuery,
  pinnedQuery,
  type Query,
  rootQuery,
  groupMarks,
  scopeQuery,
  type ShownColumn,
  type TableState,
} from "./table-state.ts";
import { pageQuery } from "./use-run-pages.ts";

interface Folds {
  /** The search to which these belong; another one begins folded. */
  readonly of: string;
  readonly runs: ReadonlyMap<string, Pick<Opened, "of" | "at" | "children">>;
  readonly groups: ReadonlySet<string | null>;
}

/** A first page that came with the page itself, and the source that it is of. */
interface Served {
  readonly id: string;
  readonly page: RunSummaryPage;
}

const NONE: Folds = { of: "", runs: new Map(), groups: new Set() };

/** What the lines of the table are: pinned runs, then runs in pages with the children of opened ones, or groups with the runs of opened ones. */
export function useLines(
  project: string,
  state: TableState,
  columns: readonly ShownColumn[],
  anyPinned: boolean,
  until: RefObject<number | null>,
  served: { readonly root: Served | null; readonly pinned: Served | null },
) {
  const grouped = state.group !== "";
  const query = useMemo(() => rootQuery(state, columns), [state, columns]);
  const root = useMemo((): Source => ({ id: JSON.stringify(query), query, depth: 0 }), [query]);
  const [folds, setFolds] = useState(NONE);
  const current = folds.of === root.id + state.group ? folds : { ...NONE, of: root.id + state.group };

  const pinned = useMemo((): Source => {
    const wide = pinnedQuery(query);
    return { id: JSON.stringify(wide), query: wide, depth: 0 };
  }, [query]);

  const first = useFirst(project, root, until, !grouped, served.root);
  const held = useFirst(project, pinned, until, anyPinned && !grouped, served.pinned);
  const groupQuery = useMemo(() => {
    const metrics = columns.flatMap(({ id }) => (id.startsWith("metrics.") ? [id.slice("metrics.".length)] : []));
    return {
      ...scopeQuery(state),
      ...groupMarks(state),
      groupBy: state.group,
      metrics: JSON.stringify(metrics),
      orderBy: groupClause(state.sort),
    };
  }, [state, columns]);
  const groups = useQuery({ ...groupsQuery(project, groupQuery, grouped), placeholderData: keepPreviousData });

  const total = first.data?.total;
  const layout = useMemo((): Layout => {
    if (grouped) {
      const inner = {
        ...scopeQuery(state),
        ...groupMarks(state),
        ...orderQuery(state),
        ...columnsQuery(columns),
        groupBy: state.group,
      };
      return layoutOf(
        (groups.data?.groups ?? []).flatMap((group): Segment[] => {
          const head: Segment = { kind: "group", group, count: 1 };
          if (!current.groups.has(group.value)) return [head];
          const runs: Query = { ...inner, ...(group.value === null ? {} : { group: group.value }) };
          const source: Source = { id: JSON.stringify(runs), query: runs, depth: 1 };
          return [head, { kind: "runs", source, from: 0, count: group.runs }];
        }),
      );
    }
    const { parent: _parent, marks: _marks, ...rest } = query;
    const opened = [...current.runs].map(([id, fold]): Opened => {
      const below: Query = { ...rest, parent: id };
      return { ...fold, source: { id: JSON.stringify(below), query: below } };
    });
    const held_ = anyPinned && held.data?.total ? withChildren(pinned, held.data.total.runs, opened) : [];
    return layoutOf([...held_, ...withChildren(root, total?.runs ?? 0, opened)]);
  }, [
    grouped,
    groups.data,
    state,
    columns,
    current.groups,
    current.runs,
    query,
    anyPinned,
    held.data,
    pinned,
    root,
    total,
  ]);

  const fold = {
    run: (id: string, line: { readonly source: Source; readonly index: number }, children: number) => {
      const runs = new Map(current.runs);
      if (!runs.delete(id)) runs.set(id, { of: line.source.id, at: line.index, children });
      setFolds({ ...current, runs });
    },
    group: (value: string | null) => {
      const open = new Set(current.groups);
      if (!open.delete(value)) open.add(value);
      setFolds({ ...current, groups: open });
    },
  };
  return {
    root,
    layout,
    pinnedLines: grouped || !anyPinned ? 0 : (held.data?.total?.runs ?? 0),
    total: grouped ? null : (total ?? null),
    newer: grouped ? 0 : (first.data?.newer ?? 0),
    asOf: first.data?.asOf ?? null,
    groups: grouped ? (groups.data ?? null) : null,
    isOpen: (id: string) => current.runs.has(id),
    isGroupOpen: (value: string | null) => current.groups.has(value),
    fold,
    isPending: grouped ? groups.isPending : first.isPending || (first.isPlaceholderData && total?.runs === 0),
    isOld: grouped ? groups.isPlaceholderData : first.isPlaceholderData,
    isFetching: grouped ? groups.isFetching : first.isFetching,
    error: grouped ? groups.error : first.error,
    nests: nests(state),
  };
}

/** The first page of a source, which knows how many runs there are. */
function useFirst(
  project: string,
  source: Source,
  until: RefObject<number | null>,
  enabled: boolean,
  initial: Served | null,
) {
  return useQuery({
    ...pageQuery(project, source.query, 0, until),
    enabled,
    // Another order keeps the number of rows, and with them the place and the focus, until it is there.
    placeholderData: keepPreviousData,
    ...(initial && initial.id === source.id ? { initialData: initial.page } : {}),
  });
}

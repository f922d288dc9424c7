import { type RunKeyDto, type RunKeysDto, VIEW_TYPES, type ViewType } from "#server/tracking/contract.ts";
import { metricRank } from "../parts/metric-rank.ts";

/** A column as the reader arranged it. */
export interface ShownColumn {
  readonly id: string;
  /** Pixels; undefined is the column's own width. */
  readonly width?: number | undefined;
  readonly pinned?: boolean | undefined;
}

/** What the address of the runs table says: everything that a link or a saved view brings back. */
export interface TableState {
  /** null: of all experiments. */
  readonly experiment: number | null;
  readonly filter: string;
  readonly view: ViewType;
  /** A column id, "-" before it for the greatest first. */
  readonly sort: string;
  /** params.<key>, tags.<key>, datasets.name or attributes.<name>; "" is ungrouped. */
  readonly group: string;
  /** Children under their parents. */
  readonly nest: boolean;
  /** Shows hidden runs too. */
  readonly hidden: boolean;
  /** null: the usual columns. */
  readonly columns: readonly ShownColumn[] | null;
}

export const USUAL_SORT = "-started";
/** The names in the address that belong to the state of the table. */
export const STATE_PARAMS = ["experiment", "filter", "view", "sort", "group", "nest", "hidden", "cols"] as const;

const escaped = (id: string): string => id.replaceAll(/[%,~!]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
const unescaped = (text: string): string =>
  text.replaceAll(/%(25|2c|7e|21)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** Columns as text for an address: ids in order, "~width" and "!" for pinned behind them. */
export function writeColumns(columns: readonly ShownColumn[]): string {
  return columns
    .map(
      ({ id, width, pinned }) => `${escaped(id)}${width === undefined ? "" : `~${width}`}${pinned === true ? "!" : ""}`,
    )
    .join(",");
}

/** The inverse of writeColumns; what cannot be read is left out. */
export function readColumns(text: string | null): ShownColumn[] | null {
  if (text === null || text === "") return null;
  const columns = text.split(",").flatMap((part): ShownColumn[] => {
    const match = /^([^~!]+)(?:~(\d{2,4}))?(!)?$/.exec(part);
    if (!match) return [];
    const [, id = "", width, pinned] = match;
    return [
      {
        id: unescaped(id),
        ...(width === undefined ? {} : { width: Math.min(1200, Math.max(48, Number(width))) }),
        ...(pinned === undefined ? {} : { pinned: true }),
      },
    ];
  });
  const seen = new Set<string>();
  return columns.filter(({ id }) => !seen.has(id) && seen.add(id));
}

interface Searched {
  get: (name: string) => string | null;
}

export function readState(search: Searched): TableState {
  const view = VIEW_TYPES.find((each) => each === search.get("view"));
  const number = search.get("experiment") ?? "";
  return {
    experiment: /^\d{1,9}$/.test(number) ? Number(number) : null,
    filter: search.get("filter") ?? "",
    view: view ?? "ACTIVE_ONLY",
    sort: search.get("sort") ?? USUAL_SORT,
    group: search.get("group") ?? "",
    nest: search.get("nest") === "1",
    hidden: search.get("hidden") === "1",
    columns: readColumns(search.get("cols")),
  };
}

/** How many metrics and parameters are columns before the reader chooses. */
const FIRST = 5;
/** How many metrics across experiments, which seldom log the same. */
const ACROSS = 3;

/**
 * The columns of runs that have logged these keys, before the reader chooses: those that most runs have, that differ and that say how good
 * a model is come first. What a run is stays short, so that its figures are in sight at the width of a tablet. Of groups the metrics come before all else: a group has neither a start nor a dataset, and its figures must be in sight.
 */
export function usualColumns({ keys, of }: RunKeysDto, { experiment, group }: TableState): ShownColumn[] {
  // In quarters: a run more or less must not exchange columns while somebody reads them.
  const share = (key: RunKeyDto) => Math.round((4 * key.runs) / Math.max(1, of));
  const first = (kind: RunKeyDto["kind"]) =>
    keys
      .filter((key) => key.kind === kind)
      .toSorted(
        (a, b) =>
          Number(b.differs) - Number(a.differs) ||
          share(b) - share(a) ||
          (kind === "metrics" ? metricRank(a.key) - metricRank(b.key) : 0) ||
          (a.key < b.key ? -1 : 1),
      )
      .slice(0, FIRST)
      .map(({ key }) => ({ id: `${kind}.${key}` }));
  const named = (ids: readonly string[]): ShownColumn[] => ids.map((id) => ({ id }));
  const facts = named(["status", "started", "dataset"]);
  const further = named(experiment === null ? ["experiment", "duration"] : ["duration"]);
  const metrics = first("metrics").slice(0, experiment === null ? ACROSS : FIRST);
  return [
    { id: "name" },
    ...(group === "" ? [...facts, ...metrics] : [...metrics, ...facts]),
    ...(experiment === null ? [...further, ...first("params")] : [...first("params"), ...further]),
    { id: "user" },
  ];
}

const CLAUSES: Readonly<Record<string, string>> = {
  name: "attributes.run_name",
  status: "attributes.status",
  started: "attributes.start_time",
  duration: "attributes.duration",
  experiment: "attributes.experiment",
  dataset: "datasets.name",
  commit: "attributes.commit",
  pipeline: "attributes.pipeline",
  user: "attributes.user",
};

/** A sort of the address as a clause of the server; null for a column that cannot order. */
function orderClause(sort: string): string | null {
  const descending = sort.startsWith("-");
  const id = descending ? sort.slice(1) : sort;
  const keyed = /^(metrics|params|tags)\.([^`]+)$/s.exec(id);
  const name = keyed ? `${keyed[1]}.\`${keyed[2]}\`` : CLAUSES[id];
  return name === undefined ? null : `${name} ${descending ? "DESC" : "ASC"}`;
}

/** The order of groups: by the mean of a metric, by the value grouped by, else the largest first. */
export function groupClause(sort: string): string {
  const descending = sort.startsWith("-");
  const id = descending ? sort.slice(1) : sort;
  const way = descending ? " DESC" : "";
  if (id.startsWith("metrics.")) return `mean ${id.slice("metrics.".length)}${way}`;
  return id === "name" ? `value${way}` : "n DESC";
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The part of a request that says which runs are meant. */
export function scopeQuery(state: TableState): Query {
  return {
    ...(state.experiment === null ? {} : { experiment: state.experiment }),
    ...(state.filter === "" ? {} : { filter: state.filter }),
    ...(state.view === "ACTIVE_ONLY" ? {} : { view: state.view }),
  };
}

/** Groups hold pinned runs like all others, and hidden ones where they are shown. */
export function groupMarks(state: TableState): Query {
  return state.hidden ? {} : { marks: "shown" };
}

/** The part of a request that says in which order. */
export function orderQuery(state: TableState): Query {
  const clause = orderClause(state.sort);
  return clause === null || state.sort === USUAL_SORT ? {} : { orderBy: JSON.stringify([clause]) };
}

/** The part of a request that says which of what was logged is wanted. */
export function columnsQuery(columns: readonly ShownColumn[]): Query {
  const wanted = columns.map(({ id }) => id).filter((id) => /^(metrics|params|tags)\./.test(id));
  return { columns: JSON.stringify(wanted.toSorted()) };
}

/** A search shows what it finds side by side, so nesting rests while there is one. */
export function nests(state: TableState): boolean {
  return state.nest && state.filter === "" && state.group === "";
}

export const ROWS_PER_PAGE = 100;

/** The first page of the table, which the server reads for the first sight of it. */
export function rootQuery(state: TableState, columns: readonly ShownColumn[]): Query {
  return {
    ...scopeQuery(state),
    ...orderQuery(state),
    ...columnsQuery(columns),
    marks: state.hidden ? "unpinned" : "apart",
    ...(nests(state) ? { parent: "none", children: true } : {}),
  };
}

/** The pinned runs of the table: whatever is sought, and whose children they are. */
export function pinnedQuery(root: Query): Query {
  const { parent: _parent, filter: _filter, ...wide } = root;
  return { ...wide, marks: "pinned" };
}

import { z } from "zod";

/** Lists in an address: a JSON array, or the array itself in a body. */
const texts = (most: number) =>
  z.preprocess(
    (value) => {
      if (typeof value !== "string") return value;
      try {
        return JSON.parse(value) as unknown;
      } catch {
        return value;
      }
    },
    z.array(z.string().max(600)).max(most),
  );

/** What runs can be grouped by: `params.<key>`, `tags.<key>`, `datasets.name`, or an attribute. */
const GROUP_ATTRIBUTES = ["user", "commit", "experiment", "status", "pipeline"] as const;
const GroupBy = z
  .string()
  .refine(
    (by) =>
      /^(params|tags)\../s.test(by) ||
      by === "datasets.name" ||
      GROUP_ATTRIBUTES.some((attribute) => by === `attributes.${attribute}`),
    "Group by params.<key>, tags.<key>, datasets.name, or attributes.user, commit, experiment, status or pipeline.",
  );

/** Which runs are meant: what filters, lists, groups, exports and counts of them agree on. */
export const RunScope = z.object({
  experiment: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
  /** MLflow's grammar, or plain words that the name holds. */
  filter: z.string().max(20_000).default(""),
  view: z.enum(["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]).default("ACTIVE_ONLY"),
  /** "none": only runs without a parent that is shown; otherwise the children of this run. */
  parent: z.string().max(64).optional(),
  groupBy: GroupBy.optional(),
  /** With `groupBy`: the runs of the group of this value; without it, those of no group. */
  group: z.string().optional(),
  /** Runs made until then, in milliseconds since 1970: a list that is being read does not shift when others begin. */
  until: z.coerce.number().optional(),
  /**
   * "apart": leaves out what the person pinned or hid; "unpinned": what the person pinned; "shown": what the person hid, unless it is pinned. "pinned": only
   * what is pinned.
   */
  marks: z.enum(["all", "apart", "unpinned", "shown", "pinned"]).default("all"),
});
export type RunScope = z.infer<typeof RunScope>;

/** A page of the runs table. */
export const ListRunsInput = RunScope.extend({
  /** Clauses such as "metrics.loss DESC"; beside MLflow's names attributes.duration, user, commit, experiment, pipeline and datasets.name. */
  orderBy: texts(5).default([]),
  /** The columns wanted: metrics.<key>, params.<key>, tags.<key>. Without it all metrics and parameters, and no tag. */
  columns: texts(400).optional(),
  maxResults: z.coerce.number().int().min(1).max(1000).default(500),
  offset: z.coerce.number().int().min(0).max(100_000_000).optional(),
  pageToken: z.string().optional(),
  /** Asks for `total` and `newer`. */
  count: z.stringbool().or(z.boolean()).default(false),
  /** Asks for the number of children of every run. */
  children: z.stringbool().or(z.boolean()).default(false),
});

/** Beyond this many, counting ends: `total` then says "more than". */
export const MOST_COUNTED = 500_000;

export interface RunCountDto {
  readonly runs: number;
  /** There are more than `runs`. */
  readonly more: boolean;
}

export const GroupRunsInput = RunScope.omit({ group: true, parent: true }).extend({
  groupBy: GroupBy,
  metrics: texts(40).default([]),
  /** "n", "value", or "min|mean|max <metric>", each with " DESC" or not. */
  orderBy: z.string().max(600).default("n DESC"),
});

export interface RunGroupDto {
  /** null: the runs that have no value. */
  readonly value: string | null;
  readonly runs: number;
  readonly running: number;
  /** Of the latest values that are numbers; null where an infinity leaves no number. */
  readonly metrics: Readonly<
    Record<string, { readonly n: number; readonly min: number; readonly mean: number | null; readonly max: number }>
  >;
}

export interface RunGroupsDto {
  readonly groups: readonly RunGroupDto[];
  /** Beyond the first 1,000 groups there are more. */
  readonly more: boolean;
}

export const ListKeysInput = z.object({
  experiment: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
  view: z.enum(["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]).default("ACTIVE_ONLY"),
  /** Looks at the latest 300 runs only: enough to choose the first columns. */
  quick: z.stringbool().or(z.boolean()).default(false),
});

export interface RunKeyDto {
  readonly kind: "metrics" | "params" | "tags";
  readonly key: string;
  /** In how many of the runs looked at. */
  readonly runs: number;
  /** Its values are not all the same. */
  readonly differs: boolean;
}

export interface RunKeysDto {
  /** The most frequent first. */
  readonly keys: readonly RunKeyDto[];
  /** How many runs were looked at. */
  readonly of: number;
  /** All runs were looked at. */
  readonly exact: boolean;
}

export const ListValuesInput = ListKeysInput.omit({ quick: true }).extend({
  /** params.<key>, tags.<key>, datasets.name, datasets.digest, datasets.context, or an attribute of a filter. */
  name: z.string().min(1).max(300),
  begins: z.string().max(300).default(""),
});

/** The state of the runs table as the search part of its address. */
const ViewState = z.string().max(12_000);
const ViewName = z.string().trim().min(1, "Give the view a name.").max(80);

export const SaveRunViewInput = z.object({ name: ViewName, shared: z.boolean().default(false), state: ViewState });
export const UpdateRunViewInput = z.object({
  id: z.uuid(),
  name: ViewName.optional(),
  shared: z.boolean().optional(),
  state: ViewState.optional(),
});

export interface RunViewDto {
  readonly id: string;
  readonly name: string;
  readonly shared: boolean;
  readonly state: string;
  readonly createdByName: string;
  /** The caller made it, so the caller may change it. */
  readonly mine: boolean;
  readonly updatedAt: number;
}

/** A change of marks; what is left out stays. `color` null is the colour of the id. */
export const MarkRunsInput = z.object({
  runIds: z.array(z.string().max(64)).min(1).max(1000),
  pinned: z.boolean().optional(),
  hidden: z.boolean().optional(),
  color: z.number().int().min(1).max(6).nullable().optional(),
});

export interface RunMarkDto {
  readonly runId: string;
  /** The number of the run's experiment. */
  readonly experiment: number;
  readonly deleted: boolean;
  readonly pinned: boolean;
  readonly hidden: boolean;
  /** A hue of the charts, 1 to 6; null is the colour of the id. */
  readonly color: number | null;
}

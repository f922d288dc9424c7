import { pool } from "#server/platform/db.ts";
import type { KeyValue, MetricValueDto, RunDatasetDto, RunDto, RunInputDto } from "./contract.ts";
import { pairsOf } from "./experiment.ts";
import { runInfo, type RunRow } from "./run.ts";

interface LoggedInput extends Omit<RunInputDto, "tags"> {
  readonly tags: Parameters<typeof pairsOf>[0];
}
interface ModelLink {
  readonly modelId: string;
  readonly direction: "input" | "output";
  readonly step: number;
}

/** A table of what runs logged: its name, and the columns of what is made of its rows. */
interface Table<T> {
  readonly name: string;
  readonly columns: Readonly<Record<keyof T & string, string>>;
}

const METRICS: Table<MetricValueDto> = {
  name: "latest_metrics",
  // The value of a NaN is null.
  columns: {
    key: "key",
    value: "case when is_nan then null else value end",
    timestamp: "timestamp",
    step: "step",
  },
};
const PARAMS: Table<KeyValue> = { name: "run_params", columns: { key: "key", value: "value" } };
const TAGS: Table<KeyValue> = { name: "run_tags", columns: { key: "key", value: "value" } };
const INPUTS: Table<LoggedInput> = {
  name: "run_inputs",
  columns: {
    name: "name",
    digest: "digest",
    sourceType: "source_type",
    source: "source",
    schema: "schema",
    profile: "profile",
    tags: "tags",
  },
};
const DATASETS: Table<RunDatasetDto> = {
  name: "run_datasets",
  columns: { versionId: "dataset_version_id", name: "name", version: "version" },
};
const LINKS: Table<ModelLink> = {
  name: "run_model_links",
  columns: { modelId: "model_id", direction: "direction", step: "step" },
};

/** A list of Postgres has at most 1 GB as text: so many runs are read at once. */
const RUNS_AT_ONCE = 1000;

/** The rows of a table for each of the runs $1, as one list for each column, the first of which has the place of the run among them. */
function listsOf<T>({ name, columns }: Table<T>): string {
  const lists = ["place", ...Object.values<string>(columns)].map((column) => `json_agg(${column})`).join(", ");
  return `(select json_build_array(${lists}) from unnest($1::text[]) with ordinality as page(id, place) join ${name} on run_id = page.id)`;
}

/**
 * What tables hold of each of the runs, in the order of `ids` and each in any order, in one query for each thousand runs. It comes as one list for each column,
 * which are read in a fifth of the time that rows of their own take, and those in a fifth of what Prisma takes; a run is named by its place, since the same id
 * ten times would be most of the text.
 */
async function rowsOf<T extends readonly object[]>(
  ids: readonly string[],
  ...tables: { readonly [K in keyof T]: Table<T[K]> }
): Promise<{ readonly [K in keyof T]: readonly T[K][][] }> {
  const found = tables.map(() => ids.map((): object[] => []));
  const name = `of-runs-${tables.map((table) => table.name).join("-")}`;
  const text = `select ${tables.map((table) => listsOf<object>(table)).join(", ")}`;
  for (let from = 0; from < ids.length; from += RUNS_AT_ONCE) {
    const values = [ids.slice(from, from + RUNS_AT_ONCE)];
    const { rows } = await pool().query<Lists[]>({ name, text, values, rowMode: "array" });
    rows[0]?.forEach(([places, ...read], t) => {
      const names = Object.keys(tables[t]?.columns ?? {});
      places?.forEach((place, i) => {
        const row: Record<string, unknown> = {};
        names.forEach((column, at) => (row[column] = read[at]?.[i]));
        found[t]?.[from + place - 1]?.push(row);
      });
    });
  }
  return found as unknown as { readonly [K in keyof T]: readonly T[K][][] };
}
/** Lists of a table without a row are null. */
type Lists = [places: number[] | null, ...columns: (unknown[] | null)[]];

/** In the order of these texts. */
function byText<T>(rows: T[] | undefined, first: keyof T, second = first): T[] {
  const compare = (a: unknown, b: unknown) => (a === b ? 0 : (a as string) < (b as string) ? -1 : 1);
  return (rows ?? []).sort((a, b) => compare(a[first], b[first]) || compare(a[second], b[second]));
}

/** Runs with what they logged, in three queries for each thousand of them; `reading` is on its way meanwhile, and in the order of `ids`. */
export async function withData(ids: readonly string[], reading: Promise<readonly RunRow[]>): Promise<RunDto[]> {
  const [rows, [metrics], [params], [tags, inputs, datasets, links]] = await Promise.all([
    reading,
    rowsOf<[MetricValueDto]>(ids, METRICS),
    rowsOf<[KeyValue]>(ids, PARAMS),
    // Those of which there are few, together.
    rowsOf<[KeyValue, LoggedInput, RunDatasetDto, ModelLink]>(ids, TAGS, INPUTS, DATASETS, LINKS),
  ]);
  const places = new Map(ids.map((id, place) => [id, place]));
  return rows.map((row) => {
    const place = places.get(row.id) ?? -1;
    const modelLinks = byText(links[place], "modelId");
    return {
      ...runInfo(row),
      metrics: byText(metrics[place], "key"),
      params: byText(params[place], "key"),
      tags: byText(tags[place], "key"),
      inputs: byText(inputs[place], "name", "digest").map((input) => ({ ...input, tags: pairsOf(input.tags) })),
      datasets: (datasets[place] ?? []).sort((a, b) =>
        a.name === b.name ? a.version - b.version : a.name < b.name ? -1 : 1,
      ),
      modelInputs: modelLinks.filter(({ direction }) => direction === "input").map(({ modelId }) => modelId),
      modelOutputs: modelLinks
        .filter(({ direction }) => direction === "output")
        .map(({ modelId, step }) => ({ modelId, step })),
    };
  });
}

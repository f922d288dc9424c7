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

const PAIR = { key: "key", value: "value" } as const;
/** The value of a NaN is null. */
const METRIC = {
  key: "key",
  value: "case when is_nan then null else value end",
  timestamp: "timestamp",
  step: "step",
} as const;
const INPUT = {
  name: "name",
  digest: "digest",
  sourceType: "source_type",
  source: "source",
  schema: "schema",
  profile: "profile",
  tags: "tags",
} as const;
const DATASET = { versionId: "dataset_version_id", name: "name", version: "version" } as const;
const LINK = { modelId: "model_id", direction: "direction", step: "step" } as const;

/** A list of Postgres has at most 1 GB as text: so many runs are read at once. */
const RUNS_AT_ONCE = 1000;

/**
 * What a table holds of each of the runs, in the order of `ids` and each in any order. It comes as one list for each column, which are read in a fifth of the
 * time that rows of their own take, and those in a fifth of what Prisma takes; a run is named by its place, since the same id ten times would be most of the text.
 */
async function rowsOf<T extends object>(
  table: string,
  columns: Readonly<Record<keyof T & string, string>>,
  ids: readonly string[],
): Promise<readonly T[][]> {
  const names = Object.keys(columns) as (keyof T & string)[];
  const lists = names.map((name) => `json_agg(${columns[name]})`).join(", ");
  const text = `select json_agg(place), ${lists} from unnest($1::text[]) with ordinality as page(id, place) join ${table} on run_id = page.id`;
  const found = ids.map((): T[] => []);
  for (let from = 0; from < ids.length; from += RUNS_AT_ONCE) {
    const values = [ids.slice(from, from + RUNS_AT_ONCE)];
    const query = { name: `${table}-of-runs`, text, values, rowMode: "array" as const };
    const { rows } = await pool().query<[places: number[] | null, ...read: unknown[][]]>(query);
    const [places, ...read] = rows[0] ?? [null];
    places?.forEach((place, i) => {
      const row: Partial<Record<keyof T, unknown>> = {};
      names.forEach((name, column) => (row[name] = read[column]?.[i]));
      found[from + place - 1]?.push(row as T);
    });
  }
  return found;
}

/** In the order of these texts. */
function byText<T>(rows: T[] | undefined, first: keyof T, second = first): T[] {
  const compare = (a: unknown, b: unknown) => (a === b ? 0 : (a as string) < (b as string) ? -1 : 1);
  return (rows ?? []).sort((a, b) => compare(a[first], b[first]) || compare(a[second], b[second]));
}

/** Runs with what they logged, in six queries for each thousand of them; `reading` is on its way meanwhile, and in the order of `ids`. */
export async function withData(ids: readonly string[], reading: Promise<readonly RunRow[]>): Promise<RunDto[]> {
  const [rows, metrics, params, tags, inputs, datasets, links] = await Promise.all([
    reading,
    rowsOf<MetricValueDto>("latest_metrics", METRIC, ids),
    rowsOf<KeyValue>("run_params", PAIR, ids),
    rowsOf<KeyValue>("run_tags", PAIR, ids),
    rowsOf<LoggedInput>("run_inputs", INPUT, ids),
    rowsOf<RunDatasetDto>("run_datasets", DATASET, ids),
    rowsOf<ModelLink>("run_model_links", LINK, ids),
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

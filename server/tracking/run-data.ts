import { pool } from "#server/platform/db.ts";
import type { KeyValue, MetricValueDto, RunDatasetDto, RunDto, RunInputDto } from "./contract.ts";
import { pairsOf } from "./experiment.ts";
import { runInfo, type RunRow } from "./run.ts";

/** Whole numbers of 64 bits come as text. */
type LatestRow = [runId: string, key: string, value: number, isNan: boolean, timestamp: string, step: string];
type PairRow = [runId: string, key: string, value: string];
type InputRow = [
  runId: string,
  name: string,
  digest: string,
  sourceType: string,
  source: string,
  schema: string | null,
  profile: string | null,
  tags: Parameters<typeof pairsOf>[0],
];
type DatasetRow = [runId: string, versionId: string, name: string, version: number];
type LinkRow = [runId: string, modelId: string, direction: "input" | "output", step: number];

/**
 * What runs logged by the thousand, past Prisma, which takes five times as long for it; as lists and in any order, since names for each row and a sort of
 * all of them take as long as the rest together.
 */
async function rowsOf<T extends [runId: string, ...rest: unknown[]]>(
  name: string,
  select: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, T[]>> {
  const text = `${select} where run_id = any($1::text[])`;
  const { rows } = await pool().query<T>({ name, text, values: [ids], rowMode: "array" });
  return Map.groupBy(rows, ([runId]) => runId);
}

/** By the texts at these places of the rows. */
function byText<T extends unknown[]>(rows: T[], first: number, second = first): T[] {
  const compare = (a: unknown, b: unknown) => (a === b ? 0 : (a as string) < (b as string) ? -1 : 1);
  return rows.sort((a, b) => compare(a[first], b[first]) || compare(a[second], b[second]));
}

/** What the runs logged, in six queries whatever their number. */
export async function withData(rows: readonly RunRow[]): Promise<RunDto[]> {
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return [];
  const [metrics, params, tags, inputs, datasets, links] = await Promise.all([
    rowsOf<LatestRow>("latest-of-runs", "select run_id, key, value, is_nan, timestamp, step from latest_metrics", ids),
    rowsOf<PairRow>("params-of-runs", "select run_id, key, value from run_params", ids),
    rowsOf<PairRow>("tags-of-runs", "select run_id, key, value from run_tags", ids),
    rowsOf<InputRow>(
      "inputs-of-runs",
      "select run_id, name, digest, source_type, source, schema, profile, tags from run_inputs",
      ids,
    ),
    rowsOf<DatasetRow>("datasets-of-runs", "select run_id, dataset_version_id, name, version from run_datasets", ids),
    rowsOf<LinkRow>("models-of-runs", "select run_id, model_id, direction, step::float8 from run_model_links", ids),
  ]);
  return rows.map((row) => {
    const modelLinks = byText(links.get(row.id) ?? [], 1);
    return {
      ...runInfo(row),
      metrics: byText(metrics.get(row.id) ?? [], 1).map(
        ([, key, value, isNan, timestamp, step]): MetricValueDto => ({
          key,
          timestamp: Number(timestamp),
          step: Number(step),
          value: isNan ? null : value,
        }),
      ),
      params: byText(params.get(row.id) ?? [], 1).map(pair),
      tags: byText(tags.get(row.id) ?? [], 1).map(pair),
      inputs: byText(inputs.get(row.id) ?? [], 1, 2).map(
        ([, name, digest, sourceType, source, schema, profile, own]): RunInputDto => ({
          name,
          digest,
          sourceType,
          source,
          schema,
          profile,
          tags: pairsOf(own),
        }),
      ),
      datasets: (datasets.get(row.id) ?? [])
        .map(([, versionId, name, version]): RunDatasetDto => ({ versionId, name, version }))
        .sort((a, b) => (a.name === b.name ? a.version - b.version : a.name < b.name ? -1 : 1)),
      modelInputs: modelLinks.filter(([, , direction]) => direction === "input").map(([, modelId]) => modelId),
      modelOutputs: modelLinks
        .filter(([, , direction]) => direction === "output")
        .map(([, modelId, , step]) => ({ modelId, step })),
    };
  });
}

const pair = ([, key, value]: PairRow): KeyValue => ({ key, value });

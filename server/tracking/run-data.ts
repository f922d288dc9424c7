import { type Db, pool } from "#server/platform/db.ts";
import type { KeyValue, MetricValueDto, RunDto } from "./contract.ts";
import { pairsOf } from "./experiment.ts";
import { runInfo, type RunRow } from "./run.ts";

/** What a run logged under a key. */
interface Keyed {
  readonly key: string;
}
type LatestRow = [runId: string, key: string, value: number, isNan: boolean, timestamp: number, step: number];
type PairRow = [runId: string, key: string, value: string];

/**
 * What runs logged by the thousand, past Prisma, which takes five times as long for it; as lists and in any order, since names for each row and a sort of
 * all of them take as long as the rest together.
 */
async function rowsOf<T extends unknown[]>(name: string, select: string, ids: readonly string[]): Promise<T[]> {
  const text = `${select} where run_id = any($1::text[])`;
  const { rows } = await pool().query<T>({ name, text, values: [ids], rowMode: "array" });
  return rows;
}

/** By run, and there by key. */
function byRun<T extends readonly [runId: string, ...rest: unknown[]], E extends Keyed>(
  rows: readonly T[],
  entry: (row: T) => E,
): ReadonlyMap<string, E[]> {
  const groups = new Map<string, E[]>();
  for (const row of rows) {
    const group = groups.get(row[0]);
    if (group) group.push(entry(row));
    else groups.set(row[0], [entry(row)]);
  }
  for (const group of groups.values()) group.sort((a, b) => (a.key < b.key ? -1 : 1));
  return groups;
}

const pair = ([, key, value]: PairRow): KeyValue => ({ key, value });
const latest = ([, key, value, isNan, timestamp, step]: LatestRow): MetricValueDto => ({
  key,
  timestamp,
  step,
  value: isNan ? null : value,
});

/** What the runs logged, in six queries whatever their number. */
export async function withData(db: Db, rows: readonly RunRow[]): Promise<RunDto[]> {
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return [];
  const [metrics, params, tags, inputs, datasets, links] = await Promise.all([
    rowsOf<LatestRow>(
      "latest-of-runs",
      `select run_id, key, value, is_nan, timestamp::float8, step::float8 from latest_metrics`,
      ids,
    ),
    rowsOf<PairRow>("params-of-runs", `select run_id, key, value from run_params`, ids),
    rowsOf<PairRow>("tags-of-runs", `select run_id, key, value from run_tags`, ids),
    db.runInput.findMany({ where: { runId: { in: ids } }, orderBy: [{ name: "asc" }, { digest: "asc" }] }),
    db.runDataset.findMany({ where: { runId: { in: ids } }, orderBy: [{ name: "asc" }, { version: "asc" }] }),
    db.runModelLink.findMany({ where: { runId: { in: ids } }, orderBy: { modelId: "asc" } }),
  ]);
  const metricsOf = byRun(metrics, latest);
  const paramsOf = byRun(params, pair);
  const tagsOf = byRun(tags, pair);
  const inputsOf = Map.groupBy(inputs, ({ runId }) => runId);
  const datasetsOf = Map.groupBy(datasets, ({ runId }) => runId);
  const linksOf = Map.groupBy(links, ({ runId }) => runId);
  return rows.map((row) => {
    const modelLinks = linksOf.get(row.id) ?? [];
    return {
      ...runInfo(row),
      metrics: metricsOf.get(row.id) ?? [],
      params: paramsOf.get(row.id) ?? [],
      tags: tagsOf.get(row.id) ?? [],
      inputs: (inputsOf.get(row.id) ?? []).map(({ runId: _runId, ...input }) => ({
        ...input,
        tags: pairsOf(input.tags),
      })),
      datasets: (datasetsOf.get(row.id) ?? []).map(({ runId: _runId, datasetVersionId, ...dataset }) => ({
        versionId: datasetVersionId,
        ...dataset,
      })),
      modelInputs: modelLinks.filter((link) => link.direction === "input").map((link) => link.modelId),
      modelOutputs: modelLinks
        .filter((link) => link.direction === "output")
        .map((link) => ({ modelId: link.modelId, step: Number(link.step) })),
    };
  });
}

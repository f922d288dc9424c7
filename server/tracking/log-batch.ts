import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { type CheckedBatch, checkBatch, LogBatchInput, type StoredMetric } from "./batch.ts";
import { TAGS } from "./contract.ts";
import { isDue } from "./announcements.ts";
import { activeRun } from "./run.ts";

const modelNotFound = (id: string) =>
  new AppError("not_found", `Logged model with ID '${id}' not found.`, { field: "model_id", value: id });

/** One statement writes the history and moves the latest values on; the order by key keeps two batches of one run from blocking each other for ever. */
async function writeMetrics(db: Db, runId: string, metrics: readonly StoredMetric[]): Promise<void> {
  if (metrics.length === 0) return;
  const columns = [
    metrics.map((m) => m.key),
    metrics.map((m) => String(m.timestamp)),
    metrics.map((m) => String(m.step)),
    metrics.map((m) => String(m.value)),
    metrics.map((m) => String(m.isNan)),
  ] as const;
  const [keys, timestamps, steps, values, nans] = columns;
  await db.$executeRaw`
    with input as (
      select * from unnest(
        ${keys}::text[], ${timestamps}::text[]::bigint[], ${steps}::text[]::bigint[], ${values}::text[]::float8[], ${nans}::text[]::boolean[]
      ) as t(key, timestamp, step, value, is_nan)
    ), history as (
      insert into metrics (run_id, key, timestamp, step, value, is_nan)
      select ${runId}, key, timestamp, step, value, is_nan from input order by key, step, timestamp, value
      on conflict do nothing
    )
    insert into latest_metrics as latest (run_id, key, timestamp, step, value, is_nan)
    select distinct on (key) ${runId}, key, timestamp, step, value, is_nan from input
    order by key, step desc, timestamp desc, value desc
    on conflict (run_id, key) do update
    set timestamp = excluded.timestamp, step = excluded.step, value = excluded.value, is_nan = excluded.is_nan
    where (excluded.step, excluded.timestamp, excluded.value) > (latest.step, latest.timestamp, latest.value)`;
}

/** What of the metrics speaks of logged models, beside the models. Errors: not_found for a model that is not the project's. */
async function writeModelMetrics(db: Db, projectId: string, runId: string, metrics: readonly StoredMetric[]) {
  const spoken = metrics.filter((m) => m.modelId !== null);
  if (spoken.length === 0) return;
  const wanted = [...new Set(spoken.map((m) => m.modelId ?? ""))];
  const known = await db.loggedModel.findMany({ where: { projectId, id: { in: wanted } }, select: { id: true } });
  const missing = wanted.find((id) => !known.some((model) => model.id === id));
  if (missing !== undefined) throw modelNotFound(missing);
  await db.loggedModelMetric.createMany({
    data: spoken.map(({ modelId, timestamp, step, ...metric }) => ({
      ...metric,
      runId,
      modelId: modelId ?? "",
      timestamp: BigInt(timestamp),
      step: BigInt(step),
    })),
    skipDuplicates: true,
  });
}

/** Errors: invalid_input when a parameter has another value already: what a run was started with does not change. */
async function writeParams(db: Db, runId: string, params: CheckedBatch["params"], single: boolean): Promise<void> {
  if (params.length === 0) return;
  const keys = params.map((p) => p.key);
  await db.$executeRaw`
    insert into run_params (run_id, key, value)
    select ${runId}, key, value from unnest(${keys}::text[], ${params.map((p) => p.value)}::text[]) as t(key, value)
    order by key
    on conflict do nothing`;
  const rows = await db.runParam.findMany({ where: { runId, key: { in: keys } }, select: { key: true, value: true } });
  const kept = new Map(rows.map((row) => [row.key, row.value]));
  const changed = params.filter((p) => kept.get(p.key) !== p.value);
  const [first] = changed;
  if (!first) return;
  const old = (key: string) => kept.get(key) ?? "";
  throw new AppError(
    "invalid_input",
    single
      ? `Changing param values is not allowed. Param with key='${first.key}' was already logged with value='${old(first.key)}' for run ID='${runId}'. Attempted logging new value '${first.value}'.`
      : `Changing param values is not allowed. Params were already logged='[${changed
          .map((p) => `{'key': '${p.key}', 'old_value': '${old(p.key)}', 'new_value': '${p.value}'}`)
          .join(", ")}]' for run ID='${runId}'.`,
    {
      field: `params.${first.key}`,
      value: first.value,
      remedy: "Log the other value in a run of its own, for instance a nested one.",
    },
  );
}

async function writeTags(db: Db, runId: string, tags: CheckedBatch["tags"]): Promise<void> {
  if (tags.length === 0) return;
  await db.$executeRaw`
    insert into run_tags (run_id, key, value)
    select ${runId}, key, value
    from unnest(${tags.map((t) => t.key)}::text[], ${tags.map((t) => t.value)}::text[]) as t(key, value)
    order by key
    on conflict (run_id, key) do update set value = excluded.value`;
  const name = tags.find((tag) => tag.key === TAGS.runName)?.value;
  if (name) await db.run.update({ where: { id: runId }, data: { name } });
}

/**
 * Logs metrics, parameters and tags of one run: all or nothing, and the same again changes nothing. A metric's latest value is the greatest by
 * (step, timestamp, value). Errors: not_found for the run or a model; invalid_input in MLflow's words.
 */
export const logBatch = defineUseCase({
  name: "tracking.log-batch",
  scope: "tracking:write",
  effect: "write",
  unaudited: "the measurements of a run are its content; its start, end and deletion are audited",
  input: LogBatchInput,
  async run({ input, project, db, publish }) {
    const { metrics, params, tags } = checkBatch(input);
    const run = await activeRun(db, project.id, input.runId);
    await writeParams(db, run.id, params, input.single);
    await writeMetrics(db, run.id, metrics);
    await writeModelMetrics(db, project.id, run.id, metrics);
    await writeTags(db, run.id, tags);
    if (isDue(run.id)) await publish("runs", run.id);
    return { runId: run.id };
  },
});

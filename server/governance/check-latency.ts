import { AppError } from "#server/kernel/errors.ts";
import { quantiles } from "#server/kernel/statistics/quantiles.ts";
import type { ModelRuntime } from "#server/platform/runtimes.ts";
import type { VersionDto } from "#server/registry/contract.ts";
import { sourceOf } from "#server/registry/index.ts";
import type { CheckContext, CheckKind } from "./check-kinds.ts";
import type { LatencyCheck } from "./contract.ts";
import { type HoldoutRows, holdoutRows } from "./scored-rows.ts";

/** Times single rows of real data, one after the other after a warm-up, as requests would come. Milliseconds per row. */
export const checkLatency: CheckKind<LatencyCheck> = async (context) => {
  const { check, challenger, champion, models } = context;
  const rows = await sampleRows(context);
  const own = await timed(models, challenger, rows);
  const other = champion ? await timed(models, champion, rows) : null;
  const [p50 = 0, p95 = 0, p99 = 0] = quantiles(own, [0.5, 0.95, 0.99]);
  const evidence = {
    kind: "latency" as const,
    budgetMs: check.p95_ms,
    requests: rows.n,
    p50Ms: p50,
    p95Ms: p95,
    p99Ms: p99,
    championP95Ms: other ? (quantiles(other, [0.95])[0] ?? null) : null,
  };
  const summary = `95% of ${rows.n} single rows took at most ${show(p95)} ms; ${show(check.p95_ms)} ms are allowed.`;
  return { state: p95 <= check.p95_ms ? "passed" : "failed", verdict: null, summary, evidence };
};

const show = (ms: number): string => String(Number(ms.toPrecision(3)));

async function sampleRows({
  db,
  projectId,
  check,
  challenger,
  champion,
}: CheckContext<LatencyCheck>): Promise<HoldoutRows> {
  const dataset = challenger.dataset;
  if (!dataset)
    throw new AppError("invalid_input", "The version names no dataset version, so there are no rows to time it with.", {
      field: "version",
      value: challenger.version,
    });
  // Any column of the dataset serves as label here: only the features are used.
  const label = challenger.signature?.inputs[0]?.name ?? "";
  const all = await holdoutRows(db, projectId, {
    dataset: dataset.name,
    label,
    challenger,
    versions: champion ? [challenger, champion] : [challenger],
  });
  const step = Math.max(1, Math.floor(all.n / check.requests));
  const picked = Array.from({ length: Math.min(check.requests, all.n) }, (_, i) => i * step);
  const columns = Object.fromEntries(
    Object.entries(all.columns).map(([name, column]) => [
      name,
      column instanceof Float64Array
        ? Float64Array.from(picked, (i) => column[i] ?? Number.NaN)
        : picked.map((i) => column[i] ?? ""),
    ]),
  );
  return { ...all, columns, labels: [], n: picked.length };
}

async function timed(models: ModelRuntime, version: VersionDto, rows: HoldoutRows): Promise<Float64Array> {
  const model = await models.load(await sourceOf(version));
  try {
    return (await model.timeRows(rows.columns, rows.n)).map((us) => us / 1000);
  } finally {
    await model.release();
  }
}

import { z } from "zod";
import { AppError } from "#server/kernel/errors.ts";
import { INFINITE, LIMITS } from "./contract.ts";
import { checkedParam, checkedTag, checkLength, checkName, invalidValue } from "./names.ts";

export interface MetricInput {
  readonly key: string;
  /** Any double: NaN and the infinities are measurements too. */
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step?: number | undefined;
  readonly modelId?: string | undefined;
  readonly datasetName?: string | undefined;
  readonly datasetDigest?: string | undefined;
}

const isInt64 = (value: unknown) =>
  typeof value === "number" && Number.isInteger(value) && value < 2 ** 63 && value > -(2 ** 63);
const isTextOrNothing = (value: unknown) => value === undefined || typeof value === "string";

function isMetric(item: unknown): boolean {
  if (typeof item !== "object" || item === null) return false;
  const { key, value, timestamp, step, ...rest } = item as Partial<Record<keyof MetricInput, unknown>>;
  return (
    typeof key === "string" &&
    typeof value === "number" &&
    isInt64(timestamp) &&
    (step === undefined || isInt64(step)) &&
    isTextOrNothing(rest.modelId) &&
    isTextOrNothing(rest.datasetName) &&
    isTextOrNothing(rest.datasetDigest)
  );
}

/** Checked by hand and not copied: a thousand of them come a hundred times a second. */
const Metrics = z.custom<readonly MetricInput[]>(
  (value) => Array.isArray(value) && value.every(isMetric),
  "A metric has a key, a value, a timestamp in milliseconds and a whole step.",
);

export const LogBatchInput = z.object({
  runId: z.string(),
  metrics: Metrics.default([]),
  params: z.array(z.object({ key: z.string(), value: z.string() })).default([]),
  tags: z.array(z.object({ key: z.string(), value: z.string() })).default([]),
  /** Whether one thing was logged by a call of its own: then a refusal names "key" instead of "metrics[0].key". */
  single: z.boolean().default(false),
});
export type LogBatchInput = z.infer<typeof LogBatchInput>;

/** A metric as its row holds it. */
export interface StoredMetric {
  readonly key: string;
  readonly timestamp: number;
  readonly step: number;
  readonly value: number;
  readonly isNan: boolean;
  readonly modelId: string | null;
  readonly datasetName: string | null;
  readonly datasetDigest: string | null;
}

/** NaN is stored as 0 with a mark and an infinity as the greatest double, since SQL can compare neither as MLflow does. */
function stored(metric: MetricInput): StoredMetric {
  const isNan = Number.isNaN(metric.value);
  return {
    key: metric.key,
    timestamp: metric.timestamp,
    step: metric.step ?? 0,
    // -0 and 0 are equal to everybody but the primary key of a text protocol.
    value: isNan || metric.value === 0 ? 0 : Math.max(-INFINITE, Math.min(INFINITE, metric.value)),
    isNan,
    modelId: metric.modelId || null,
    datasetName: metric.datasetName || null,
    datasetDigest: metric.datasetDigest || null,
  };
}

function checkMetrics(metrics: readonly MetricInput[], at: (list: string, index: number) => string): void {
  // The same few names come again and again, and what makes one good is slow to find out.
  const good = new Set<string>();
  metrics.forEach((metric, i) => {
    const place = (name: string) => (at("metrics", i) === "" ? name : `${at("metrics", i)}.${name}`);
    if (!good.has(metric.key)) checkName(metric.key, place("name"));
    if (metric.timestamp < 0)
      throw invalidValue(
        place("timestamp"),
        metric.timestamp,
        `metric '${metric.key}' (value=${metric.value}). Timestamp must be a nonnegative long (64-bit integer) `,
      );
    if (!good.has(metric.key)) checkLength("Metric name", LIMITS.key, metric.key);
    good.add(metric.key);
  });
}

function checkCount(what: string, limit: number, count: number): void {
  if (count > limit)
    throw new AppError(
      "invalid_input",
      `A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`,
      { field: what.split(",")[0] ?? what, value: count },
    );
}

function checkUnique(params: readonly { key: string }[]): void {
  const seen = new Set<string>();
  const twice = params.filter(({ key }) => seen.has(key) || !seen.add(key)).map(({ key }) => `'${key}'`);
  if (twice.length > 0)
    throw new AppError(
      "invalid_input",
      `Duplicate parameter keys have been submitted: [${twice.join(", ")}]. Please ensure the request contains only one param value per param key.`,
      { field: "params" },
    );
}

export interface CheckedBatch {
  readonly metrics: readonly StoredMetric[];
  readonly params: readonly { readonly key: string; readonly value: string }[];
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

/**
 * A batch as it will be stored: names checked, values that are too long cut, NaN and infinities translated; of a tag that comes twice the last counts.
 * Errors: invalid_input in MLflow's words.
 */
export function checkBatch(batch: LogBatchInput): CheckedBatch {
  const at = (list: string, index: number) => (batch.single ? "" : `${list}[${index}]`);
  checkMetrics(batch.metrics, at);
  const params = batch.params.map((param, i) => checkedParam(param, at("params", i)));
  const tags = batch.tags.map((tag, i) => checkedTag(tag, at("tags", i)));
  checkCount("metrics", LIMITS.metricsPerBatch, batch.metrics.length);
  checkCount("params", LIMITS.paramsPerBatch, params.length);
  checkCount("tags", LIMITS.tagsPerBatch, tags.length);
  checkCount("metrics, params, and tags", LIMITS.entitiesPerBatch, batch.metrics.length + params.length + tags.length);
  checkUnique(params);
  const lastTags = new Map(tags.map((tag) => [tag.key, tag]));
  return { metrics: batch.metrics.map(stored), params, tags: [...lastTags.values()] };
}

import type {
  Breach,
  FeatureDrift,
  MetricName,
  MonitorConfig,
  Performance,
  PredictionDrift,
  ServiceFigures,
} from "./contract.ts";

export interface Measured {
  readonly rows: number;
  readonly drift: readonly FeatureDrift[];
  readonly predictionDrift: PredictionDrift | null;
  readonly performance: Performance | null;
  readonly service: ServiceFigures | null;
}

const NAMES: Readonly<Record<MetricName, string>> = { accuracy: "Accuracy", auc: "AUC", log_loss: "Log-loss" };

/** Which thresholds a window crosses, each cause once and in words; none for a window with fewer rows than the monitor asks for. */
export function findBreaches(measured: Measured, config: MonitorConfig): Breach[] {
  const service = serviceBreach(measured.service, config);
  if (measured.rows < config.min_rows) return service ? [service] : [];
  return [
    featureBreach(measured.drift),
    predictionBreach(measured.predictionDrift),
    performanceBreach(measured.performance, config),
    service,
  ].filter((breach) => breach !== null);
}

function featureBreach(drift: readonly FeatureDrift[]): Breach | null {
  const drifted = drift.filter((feature) => feature.status === "drifted");
  if (drifted.length === 0) return null;
  const judged = drift.filter((feature) => feature.status !== "insufficient").length;
  const names = drifted.slice(0, 3).map((feature) => feature.feature);
  const more = drifted.length > 3 ? ` and ${drifted.length - 3} more` : "";
  return {
    kind: "drift",
    title: `${drifted.length} of ${judged} features drifted: ${names.join(", ")}${more}`,
    sentences: drifted.map((feature) => `${feature.feature}: ${feature.sentence}`),
  };
}

function predictionBreach(prediction: PredictionDrift | null): Breach | null {
  if (prediction?.status !== "drifted") return null;
  return {
    kind: "prediction_drift",
    title: `The ${prediction.of} has moved`,
    sentences: [prediction.sentence],
  };
}

/** How much worse a figure may be than its baseline, and which way is worse. */
function limitOf(config: MonitorConfig, metric: MetricName): { limit: number; sign: 1 | -1 } | null {
  const { accuracy, auc, log_loss } = config.performance;
  if (metric === "log_loss") return log_loss ? { limit: log_loss.max_rise, sign: 1 } : null;
  const rule = metric === "auc" ? auc : accuracy;
  return rule ? { limit: rule.max_drop, sign: -1 } : null;
}

function performanceBreach(performance: Performance | null, config: MonitorConfig): Breach | null {
  // Few outcomes are often the early ones, which differ from the rest.
  if (!performance || performance.coverage < config.performance.min_coverage || performance.n < config.min_rows)
    return null;
  const sentences: string[] = [];
  const short: string[] = [];
  for (const metric of ["auc", "accuracy", "log_loss"] as const) {
    const figure = performance[metric];
    const rule = limitOf(config, metric);
    if (!figure?.baseline || !rule) continue;
    const worse = (figure.value - figure.baseline.value) * rule.sign;
    if (worse <= rule.limit) continue;
    const verb = rule.sign > 0 ? "rose" : "fell";
    short.push(`${NAMES[metric]} ${verb} by ${worse.toFixed(3)}`);
    const interval =
      figure.low === null || figure.high === null ? "" : ` (${figure.low.toFixed(3)} to ${figure.high.toFixed(3)})`;
    sentences.push(
      `${NAMES[metric]} is ${figure.value.toFixed(3)}${interval} on ${performance.n.toLocaleString("en-GB")} outcomes; it was ${figure.baseline.value.toFixed(3)} on the ${figure.baseline.text}. A change of ${rule.limit} is accepted.`,
    );
  }
  return short.length === 0 ? null : { kind: "performance", title: short.join(", "), sentences };
}

function serviceBreach(service: ServiceFigures | null, config: MonitorConfig): Breach | null {
  const { max_error_share, max_p95_ms } = config.service;
  const clock = service?.clock;
  if (!clock || clock.requests === 0) return null;
  const short: string[] = [];
  const sentences: string[] = [];
  const share = clock.failed / clock.requests;
  if (max_error_share !== undefined && share > max_error_share) {
    short.push(`${(share * 100).toFixed(1)} % of requests failed`);
    sentences.push(
      `${clock.failed} of ${clock.requests} requests failed on our side; at most ${(max_error_share * 100).toFixed(1)} % are accepted.`,
    );
  }
  if (max_p95_ms !== undefined && clock.p95Ms !== null && clock.p95Ms > max_p95_ms) {
    short.push(`p95 is ${clock.p95Ms.toFixed(1)} ms`);
    sentences.push(`95 of 100 requests took up to ${clock.p95Ms.toFixed(1)} ms; ${max_p95_ms} ms are accepted.`);
  }
  return short.length === 0 ? null : { kind: "service", title: short.join(", "), sentences };
}

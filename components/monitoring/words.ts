import type {
  AlertKind,
  FeatureDrift,
  MetricName,
  MonitorState,
  RetrainMode,
  WindowLength,
} from "#server/monitoring/contract.ts";
import { formatNumber } from "#components/ui/format.ts";

export const METRICS: Readonly<Record<MetricName, string>> = { accuracy: "Accuracy", auc: "AUC", log_loss: "Log-loss" };
export const METRIC_HELP: Readonly<Record<MetricName, string>> = {
  accuracy: "share of predictions that were right",
  auc: "how well the model ranks: 0.5 is chance, 1 is perfect",
  log_loss: "how far the probabilities are from what happened: less is better",
};
export const KINDS: Readonly<Record<AlertKind, string>> = {
  drift: "Feature drift",
  prediction_drift: "Prediction drift",
  performance: "Performance",
  service: "Service",
  rollout: "Rollout",
};
export const STATES: Readonly<Record<MonitorState, { status: string; label: string }>> = {
  alerting: { status: "alerting", label: "Alerting" },
  healthy: { status: "healthy", label: "Nothing to report" },
  waiting: { status: "waiting", label: "No traffic yet" },
  paused: { status: "paused", label: "Paused" },
  failing: { status: "error", label: "Cannot compute" },
};
export const LENGTHS: Readonly<Record<WindowLength, string>> = {
  hour: "Hour",
  day: "Day",
  week: "Week",
  month: "Month",
};
export const MODES: Readonly<Record<RetrainMode, string>> = { manual: "by a click", automatic: "automatic" };
export const DRIFT_WORDS: Readonly<Record<FeatureDrift["status"], string>> = {
  drifted: "drifted",
  stable: "no drift",
  insufficient: "too few rows",
};

/** A window's label for a narrow column: "Jul 2013", "1 Jul 2013". */
export function shortLabel(label: string): string {
  return label
    .replace(/(January|February|March|April|May|June|July|August|September|October|November|December)/, (month) =>
      month.slice(0, 3),
    )
    .replace("week of ", "");
}

/** A p-value for people: never 0. */
export function pText(p: number | null): string {
  if (p === null) return "–";
  return p < 0.0001 ? "< 0.0001" : formatNumber(p, 3);
}

export const count = (n: number): string => n.toLocaleString("en-GB");

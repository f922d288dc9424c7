import type { ArmReport, ReportedMetric } from "#server/serving/contract.ts";
import type { VerdictValue } from "#components/ui/verdict.tsx";
import { formatChange, formatExact, formatNumber, formatPercent, plural } from "#components/ui/format.ts";

/** What metrics are called. */
export const METRIC_NAMES: Readonly<Record<ReportedMetric["name"], string>> = {
  accuracy: "Accuracy",
  log_loss: "Log-loss",
  mean_absolute_error: "Mean absolute error",
};

/** A metric's value as its readers write it. */
export function metricText(name: ReportedMetric["name"], value: number): string {
  return name === "accuracy" ? formatPercent(value, 1) : formatNumber(value);
}

/** The difference as points or in the metric's unit, with its interval. Above 0 the arm is better. */
export function differenceText({ name, difference }: Pick<ReportedMetric, "name" | "difference">): string {
  if (!difference) return "–";
  const scale = name === "accuracy" ? 100 : 1;
  const say = (value: number) => formatChange(value * scale);
  const unit = name === "accuracy" ? " points" : "";
  return `${say(difference.value)}${unit} (${say(difference.low)} to ${say(difference.high)})`;
}

const VERDICTS: Readonly<Record<ReportedMetric["verdict"], VerdictValue>> = {
  better: "superior",
  worse: "inferior",
  "no difference shown": "inconclusive",
  "too few outcomes": "inconclusive",
  invalid: "invalid",
};

/** From when to when it was counted, to the second: a split may last less than a minute. */
export function spanText({
  from,
  to,
  arm,
}: Pick<ArmReport, "from" | "to"> & { arm: Pick<ArmReport["arm"], "endedAt"> }) {
  const isRunning = arm.endedAt === null && Date.now() - Date.parse(to) < 60_000;
  return isRunning ? `since ${formatExact(from)}` : `${formatExact(from)} to ${formatExact(to)}`;
}

/** How a metric's verdict looks. */
export function verdictOf(metric: Pick<ReportedMetric, "verdict">): VerdictValue {
  return VERDICTS[metric.verdict];
}

/** The report in one sentence: a broken split before anything else, then what the first metric says. */
export function headline({ ratio, metrics, champion, challenger }: ArmReport): {
  readonly value: VerdictValue;
  readonly sentence: string;
} {
  if (ratio.verdict === "broken")
    return { value: "invalid", sentence: "The requests were not split as declared: the sides cannot be compared." };
  const [first] = metrics;
  if (first) return { value: verdictOf(first), sentence: first.sentence };
  return {
    value: "inconclusive",
    sentence:
      champion.requests + challenger.requests === 0
        ? "Nobody has asked since the share is what it is."
        : "No outcome is known yet, so which version answers better is not known.",
  };
}

/** What the metrics say beside the sentence that stands at the top already. */
export function furtherSentences(metrics: readonly Pick<ReportedMetric, "sentence">[], said: string): string[] {
  return metrics.map(({ sentence }) => sentence).filter((sentence) => sentence !== said);
}

/** What a reader must not take from the report, most important first. */
export function unknowns({ champion, challenger, notes, metrics, arm }: ArmReport): string[] {
  const [rows, outcomes] = [champion.rows + challenger.rows, champion.outcomes + challenger.outcomes];
  return [
    ...notes,
    ...(rows > outcomes
      ? [`What became of ${plural(rows - outcomes, "logged row")} of ${formatNumber(rows)}: no outcome was told.`]
      : []),
    ...(metrics.some((metric) => metric.difference)
      ? [
          arm.endedAt === null
            ? "Whether it stays so: the intervals are of one look. Who looks again and again, and stops when it suits, finds differences that are not there."
            : "Whether a later split would show the same: the intervals hold for 95 of 100 such comparisons.",
        ]
      : []),
    "Requests that asked for a version by its number: nobody dealt them, so they are not counted. Requests and latencies count from the first whole minute.",
  ];
}

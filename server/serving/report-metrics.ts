import {
  type MeanDifference,
  newcombeDifference,
  type UnitMean,
  unitMean,
  unitMeanInterval,
  unitProportionInterval,
  type UnitSums,
  welch,
} from "#server/kernel/statistics/two-samples.ts";
import type { MetricFigure, ReportedMetric } from "./arms-contract.ts";

export interface MetricSums {
  /** Of ARM_CODES. */
  readonly code: number;
  readonly metric: ReportedMetric["name"];
  readonly sums: UnitSums;
}

/** Fewer units with an outcome on a side show nothing. */
const LEAST_UNITS = 30;

const METRICS = [
  { name: "accuracy", title: "accuracy", higherIsBetter: true, unit: "points", scale: 100 },
  { name: "log_loss", title: "log-loss", higherIsBetter: false, unit: "", scale: 1 },
  { name: "mean_absolute_error", title: "mean absolute error", higherIsBetter: false, unit: "", scale: 1 },
] as const;
type Metric = (typeof METRICS)[number];

/** Compares what outcomes say of both sides; metrics of which neither has any are left out. */
export function judgeMetrics(
  champion: readonly MetricSums[],
  challenger: readonly MetricSums[],
  isSplitBroken: boolean,
): ReportedMetric[] {
  return METRICS.flatMap((metric) => {
    const [a, b] = [champion, challenger].map((side) => side.find((sums) => sums.metric === metric.name)?.sums);
    return a || b ? [judge(metric, a && unitMean(a), b && unitMean(b), isSplitBroken)] : [];
  });
}

function judge(
  metric: Metric,
  champion: UnitMean | null | undefined,
  challenger: UnitMean | null | undefined,
  isSplitBroken: boolean,
): ReportedMetric {
  const { name, higherIsBetter } = metric;
  const difference = champion && challenger ? differenceOf(metric, champion, challenger) : null;
  const units = Math.min(champion?.units ?? 0, challenger?.units ?? 0);
  const verdict = verdictOf(difference, units, isSplitBroken);
  return {
    name,
    higherIsBetter,
    champion: champion ? figureOf(name, champion) : null,
    arm: challenger ? figureOf(name, challenger) : null,
    difference: difference && { value: difference.value, ...limits(difference) },
    verdict,
    sentence: sentenceOf(metric, verdict, difference, units),
  };
}

/** Arm minus champion, turned so that above 0 the arm is better. */
function differenceOf({ higherIsBetter }: Metric, champion: UnitMean, challenger: UnitMean): MeanDifference {
  // Of these metrics the one that should be high is a proportion, the others are losses.
  return higherIsBetter ? newcombeDifference(challenger, champion) : welch(champion, challenger);
}

function figureOf(name: Metric["name"], sample: UnitMean): MetricFigure {
  const { low, high } = name === "accuracy" ? unitProportionInterval(sample) : unitMeanInterval(sample);
  return { value: sample.mean, low, high, rows: sample.rows, units: sample.units };
}

const limits = ({ interval: { low, high } }: MeanDifference) => ({ low, high });

function verdictOf(
  difference: MeanDifference | null,
  units: number,
  isSplitBroken: boolean,
): ReportedMetric["verdict"] {
  if (!difference || units < LEAST_UNITS) return "too few outcomes";
  if (isSplitBroken) return "invalid";
  if (difference.interval.low > 0) return "better";
  return difference.interval.high < 0 ? "worse" : "no difference shown";
}

function sentenceOf(
  { title, scale, unit }: Metric,
  verdict: ReportedMetric["verdict"],
  difference: MeanDifference | null,
  units: number,
): string {
  if (verdict === "too few outcomes" || !difference)
    return `Outcomes of ${units} requests or entities on the smaller side say nothing of the ${title} yet; at least ${LEAST_UNITS} are needed.`;
  const number = (value: number) => String(Number((value * scale).toPrecision(3)));
  const say = (value: number) => (unit ? `${number(value)} ${unit}` : number(value));
  const { low, high } = difference.interval;
  // Nobody reads a negative betterment.
  const side =
    low >= 0
      ? `${number(low)} and ${say(high)} better`
      : high <= 0
        ? `${number(-high)} and ${say(-low)} worse`
        : `${say(-low)} worse and ${say(high)} better`;
  const range = `between ${side}, with 95% confidence`;
  if (verdict === "invalid") return `The ${title} cannot be compared: the split is not what was declared.`;
  if (verdict === "better") return `The ${title} of the arm is better by ${say(difference.value)}: ${range}.`;
  if (verdict === "worse") return `The ${title} of the arm is worse by ${say(-difference.value)}: ${range}.`;
  return `No difference in ${title} is shown: the arm is ${range}.`;
}

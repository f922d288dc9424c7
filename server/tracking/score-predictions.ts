import { setImmediate as breathe } from "node:timers/promises";
import { auc, aucOneVersusRest } from "#server/kernel/statistics/auc.ts";
import {
  type ClassificationScores,
  classificationScores,
  type ConfusionMatrix,
  confusionMatrix,
} from "#server/kernel/statistics/classification.ts";
import { scoreCurves } from "#server/kernel/statistics/curves.ts";
import {
  brier,
  brierOfClasses,
  calibration,
  DOUBLE_EPSILON,
  FLOAT_EPSILON,
  logLossOfClasses,
} from "#server/kernel/statistics/probability-scores.ts";
import { regressionScores } from "#server/kernel/statistics/regression.ts";
import type {
  EvaluationMetricDto,
  EvaluationResultDto,
  EvaluationSegmentDto,
  PrCurveDto,
  RocCurveDto,
} from "./evaluations-contract.ts";

/** A column whose values cut the rows into segments: `codes[row]` is a position in `values`. */
export interface SegmentColumn {
  readonly column: string;
  readonly values: readonly (string | null)[];
  readonly codes: Int32Array;
}

interface Rows {
  readonly segments: readonly SegmentColumn[];
  readonly skipped: number;
}
interface ClassRows {
  readonly task: "classification";
  readonly classes: readonly string[];
  /** Of two classes, the number of the positive one; null with more. */
  readonly positive: number | null;
  readonly actual: Int32Array;
  readonly predicted: Int32Array;
  /** Row-major, rows × classes; null without. */
  readonly probabilities: Float64Array | null;
  /** The probabilities are 32-bit: the logarithm is clipped by their precision. */
  readonly single: boolean;
}
interface NumberRows {
  readonly task: "regression";
  readonly actual: Float64Array;
  readonly predicted: Float64Array;
}
export type Predictions = Rows & (ClassRows | NumberRows);

const SEGMENTS_PER_COLUMN = 50;
/** Curves of more classes than this are a tangle; the scores still cover all. */
const CURVES = 12;

const metric = (name: string, value: number | null, note: string | null = null): EvaluationMetricDto => ({
  name,
  value,
  note,
});

/**
 * Everything that is computed of a predictions file: scores of all rows and of each segment, matrix, curves and calibration. It lets others work between
 * the segments: the process that computes it also keeps the leases of running steps alive.
 */
export async function scorePredictions(data: Predictions): Promise<EvaluationResultDto> {
  const { segments, segmentsLeftOut } = await scoreSegments(data);
  await breathe();
  const common = { n: data.actual.length, skipped: data.skipped, segments, segmentsLeftOut };
  if (data.task === "regression")
    return {
      ...common,
      metrics: regressionMetrics(data),
      classes: [],
      perClass: [],
      confusion: null,
      roc: [],
      pr: [],
      calibration: [],
    };
  const counts = confusionMatrix(data.actual, data.predicted, data.classes.length);
  const scores = classificationScores(counts);
  return {
    ...common,
    metrics: classMetrics(data, counts, scores),
    classes: data.classes,
    perClass: data.classes.map((name, i) => ({
      class: name,
      ...(scores.perClass[i] ?? { precision: 0, recall: 0, f1: 0, support: 0 }),
    })),
    confusion: { classes: data.classes, counts },
    ...curvesOf(data),
    calibration: data.positive === null || !data.probabilities ? [] : reliability(data, data.positive),
  };
}

function regressionMetrics({ actual, predicted }: Pick<NumberRows, "actual" | "predicted">): EvaluationMetricDto[] {
  const scores = regressionScores(actual, predicted);
  return [
    metric("mae", scores.meanAbsoluteError),
    metric("mse", scores.meanSquaredError),
    metric("rmse", scores.rootMeanSquaredError),
    metric("r2", scores.r2, scores.r2 === null ? "One row has no variance to explain." : null),
  ];
}

function classMetrics(data: ClassRows, counts: ConfusionMatrix, scores: ClassificationScores): EvaluationMetricDto[] {
  const out = [metric("accuracy", scores.accuracy)];
  const positive = data.positive === null ? null : scores.perClass[data.positive];
  if (positive && data.positive !== null) {
    const name = data.classes[data.positive] ?? "";
    const claimed = counts.reduce((total, row) => total + (row[data.positive ?? 0] ?? 0), 0);
    const none = claimed === 0 ? `No row was predicted as ${name}, which counts as 0.` : null;
    const absent = positive.support === 0 ? `No row is ${name}, which counts as 0.` : null;
    out.push(
      metric("precision", positive.precision, none),
      metric("recall", positive.recall, absent),
      metric("f1", positive.f1, none && absent),
    );
  }
  for (const average of ["macro", "micro", "weighted"] as const)
    for (const name of ["precision", "recall", "f1"] as const)
      out.push(metric(`${name}_${average}`, scores[average][name]));
  return [...out, ...probabilityMetrics(data)];
}

function probabilityMetrics(data: ClassRows): EvaluationMetricDto[] {
  const { probabilities, actual, classes, positive } = data;
  if (!probabilities) return [];
  const epsilon = data.single ? FLOAT_EPSILON : DOUBLE_EPSILON;
  const loss = logLossOfClasses(actual, probabilities, classes.length, epsilon);
  if (positive !== null) {
    const { outcome, chance } = oneAgainstRest(data, positive);
    const area = auc(outcome, chance);
    return [
      metric("auc", area, area === null ? "All rows are of one class." : null),
      metric("log_loss", loss),
      metric("brier", brier(outcome, chance)),
    ];
  }
  const { macro, perClass } = aucOneVersusRest(actual, probabilities, classes.length);
  const missing = perClass.filter((value) => value === null).length;
  return [
    metric(
      "auc",
      macro,
      macro === null
        ? "All rows are of one class."
        : missing > 0
          ? `Without ${missing} of ${classes.length} classes, which do not occur.`
          : null,
    ),
    metric("log_loss", loss),
    metric("brier", brierOfClasses(actual, probabilities, classes.length)),
  ];
}

/** Outcome and probability of one class in a problem of two. */
function oneAgainstRest(data: ClassRows, label: number): { outcome: Uint8Array; chance: Float64Array } {
  const { actual, probabilities } = data;
  const width = data.classes.length;
  const outcome = Uint8Array.from(actual, (code) => (code === label ? 1 : 0));
  const chance = Float64Array.from({ length: actual.length }, (_, i) => probabilities?.[i * width + label] ?? 0);
  return { outcome, chance };
}

function curvesOf(data: ClassRows): { roc: RocCurveDto[]; pr: PrCurveDto[] } {
  const roc: RocCurveDto[] = [];
  const pr: PrCurveDto[] = [];
  if (!data.probabilities) return { roc, pr };
  const labels = data.positive === null ? data.classes.map((_, i) => i).slice(0, CURVES) : [data.positive];
  for (const label of labels) {
    const { outcome, chance } = oneAgainstRest(data, label);
    const curves = scoreCurves(outcome, chance);
    const name = data.classes[label] ?? "";
    const rows = curves.positives + curves.negatives;
    roc.push({
      class: name,
      auc: auc(outcome, chance),
      points: curves.roc.map(({ x, y, threshold }) => ({ falsePositiveRate: x, truePositiveRate: y, threshold })),
    });
    pr.push({
      class: name,
      averagePrecision: curves.averagePrecision,
      baseline: rows === 0 ? null : curves.positives / rows,
      points: curves.precisionRecall.map(({ x, y, threshold }) => ({ recall: x, precision: y, threshold })),
    });
  }
  return { roc, pr };
}

function reliability(data: ClassRows, positive: number) {
  const { outcome, chance } = oneAgainstRest(data, positive);
  return [...calibration(outcome, chance).bins];
}

/** The rows of one segment, as data of their own. */
function rowsOf(data: Predictions, rows: Int32Array): Predictions {
  const none = { segments: [], skipped: 0 };
  if (data.task === "regression")
    return {
      ...none,
      task: data.task,
      actual: Float64Array.from(rows, (i) => data.actual[i] ?? 0),
      predicted: Float64Array.from(rows, (i) => data.predicted[i] ?? 0),
    };
  const width = data.classes.length;
  let probabilities: Float64Array | null = null;
  if (data.probabilities) {
    probabilities = new Float64Array(rows.length * width);
    for (const [at, i] of rows.entries())
      probabilities.set(data.probabilities.subarray(i * width, (i + 1) * width), at * width);
  }
  return {
    ...data,
    ...none,
    actual: Int32Array.from(rows, (i) => data.actual[i] ?? 0),
    predicted: Int32Array.from(rows, (i) => data.predicted[i] ?? 0),
    probabilities,
  };
}

function metricsOf(data: Predictions): EvaluationMetricDto[] {
  if (data.task === "regression") return regressionMetrics(data);
  const counts = confusionMatrix(data.actual, data.predicted, data.classes.length);
  return classMetrics(data, counts, classificationScores(counts));
}

/** The scores of each value of the segment columns, the most frequent first. */
async function scoreSegments(
  data: Predictions,
): Promise<{ segments: EvaluationSegmentDto[]; segmentsLeftOut: number }> {
  const segments: EvaluationSegmentDto[] = [];
  let segmentsLeftOut = 0;
  for (const { column, values, codes } of data.segments) {
    const sizes = new Int32Array(values.length);
    for (const code of codes) sizes[code] = (sizes[code] ?? 0) + 1;
    const largest = [...values.keys()].sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0));
    segmentsLeftOut += Math.max(0, largest.length - SEGMENTS_PER_COLUMN);
    for (const code of largest.slice(0, SEGMENTS_PER_COLUMN)) {
      await breathe();
      const rows = new Int32Array(sizes[code] ?? 0);
      let at = 0;
      for (const [row, own] of codes.entries()) if (own === code) rows[at++] = row;
      segments.push({ column, value: values[code] ?? null, n: rows.length, metrics: metricsOf(rowsOf(data, rows)) });
    }
  }
  return { segments, segmentsLeftOut };
}

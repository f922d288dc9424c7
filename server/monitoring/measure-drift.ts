import { countCategories } from "#server/kernel/statistics/categories.ts";
import { judgeDrift, type JudgedFeature } from "#server/kernel/statistics/drift-verdict.ts";
import {
  compareCategorical,
  compareNumeric,
  type FeatureComparison,
} from "#server/kernel/statistics/feature-comparison.ts";
import type { TrafficWindow } from "#server/serving/contract.ts";
import { FeatureDrift, type MonitorConfig, PredictionDrift } from "./contract.ts";
import { positiveIndex, type Reference } from "./reference.ts";

/** D has no threshold of its own in a monitor: its test's p is one of the two conditions, a distance the other. */
const NO_LIMIT = Infinity;

/** Compares every watched feature of a window with the reference; all are judged together, drifted ones first. */
export function measureFeatures(window: TrafficWindow, reference: Reference, config: MonitorConfig): FeatureDrift[] {
  const { features, psi, jensen_shannon, missing, alpha } = config.drift;
  // What the log does not have as it came would look like a shift that nobody's data made.
  const isWatched = (name: string) =>
    (features === "all" || features.includes(name)) && !window.redacted.includes(name);
  const compared: FeatureComparison[] = [];
  for (const [name, sample] of reference.numbers) {
    const values = window.numbers[name];
    if (values && isWatched(name)) compared.push(compareNumeric(name, sample, values));
  }
  for (const [name, counts] of reference.categories) {
    const values = window.categories[name];
    // An empty text is how the log says that a value was not known.
    if (values && isWatched(name))
      compared.push(
        compareCategorical(name, counts, countCategories(values.map((value) => (value === "" ? null : value)))),
      );
  }
  const report = judgeDrift(compared, {
    alpha,
    psi,
    jensenShannon: jensen_shannon,
    kolmogorovSmirnov: NO_LIMIT,
    missing,
  });
  return report.features.map(stored);
}

/** Compares what was predicted with what the same model predicts for the reference rows; null when either side is not known. */
export function measurePredictions(
  window: TrafficWindow,
  reference: Reference,
  positive: string | null,
  config: MonitorConfig,
): PredictionDrift | null {
  const compared = comparePredictions(window, reference, positive);
  if (!compared || !reference.prediction) return null;
  const { psi, jensen_shannon } = config.prediction_drift;
  const [judged] = judgeDrift([compared], {
    alpha: config.drift.alpha,
    psi,
    jensenShannon: jensen_shannon,
    kolmogorovSmirnov: NO_LIMIT,
    missing: NO_LIMIT,
  }).features;
  return judged ? PredictionDrift.parse({ ...stored(judged), of: reference.prediction.of }) : null;
}

function comparePredictions(
  window: TrafficWindow,
  { prediction }: Reference,
  positive: string | null,
): FeatureComparison | null {
  if (prediction?.categories)
    return compareCategorical("prediction", prediction.categories, countCategories(window.labels));
  if (!prediction?.numbers) return null;
  const index = positiveIndex(window.classes, positive);
  const values = index === null ? window.values : window.probabilities?.[index];
  return values ? compareNumeric("prediction", prediction.numbers, values) : null;
}

/** As it is stored: without what JSON cannot hold. */
function stored(feature: JudgedFeature): FeatureDrift {
  return FeatureDrift.parse(feature);
}

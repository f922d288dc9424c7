import { type Bars, countFixed, countUnion, topBars } from "./bars.ts";
import type { NumericBins } from "./bins.ts";
import { type CategoryCounts, alignCategories } from "./categories.ts";
import { chiSquareHomogeneity } from "./chi-square.ts";
import { type ZeroFill, jensenShannon, normalisedWasserstein, psi, psiWithoutDrift } from "./drift.ts";
import { kolmogorovSmirnov } from "./kolmogorov-smirnov.ts";
import { type NumericSample, type NumericValues, isNumericSample, prepareNumericReference } from "./samples.ts";

/** Rows of one side; `valid` = rows − missing. */
export type Side = { readonly rows: number; readonly missing: number; readonly valid: number };

/** How far the values of a feature have moved. */
export type DistributionShift = {
  readonly test: "kolmogorov_smirnov" | "chi_square";
  /** D for numbers, χ² for categories. */
  readonly statistic: number;
  readonly p: number;
  readonly psi: number;
  /** What the PSI would be on average had nothing changed: see {@link psiWithoutDrift}. */
  readonly psiWithoutDrift: number;
  /** Jensen-Shannon distance, natural logarithm, 0 to 0.8326. */
  readonly jensenShannon: number;
  /** Wasserstein distance in standard deviations of the reference; null for categories. */
  readonly wasserstein: number | null;
  /** Categories of the current side that the reference does not have; empty for numbers. */
  readonly newCategories: readonly string[];
  readonly bars: Bars;
};

/** How the share of missing values has moved; p of the 2×2 chi-square without continuity correction. */
export type MissingShift = { readonly reference: number; readonly current: number; readonly p: number };

/** One feature (or the prediction) in one window against the reference. */
export type FeatureComparison = {
  readonly feature: string;
  readonly kind: "numeric" | "categorical";
  readonly reference: Side;
  readonly current: Side;
  /** Fewest valid rows that either side must have. */
  readonly minimumRows: number;
  /** Null when a side has fewer valid rows than that: insufficient, not stable. */
  readonly distribution: DistributionShift | null;
  /** Null when neither side misses anything or a side has fewer rows than that. */
  readonly missing: MissingShift | null;
};

export type ComparisonOptions = {
  /** Default 30. */
  readonly minimumRows?: number;
  /** Default `smallest_share`, Evidently's. */
  readonly zeroFill?: ZeroFill;
  /**
   * Bins for PSI and Jensen-Shannon of a number. Default: Evidently's, Sturges over both sides together for more than 20 distinct reference values,
   * else one bin per distinct value. Fixed bins of the reference ({@link NumericBins}) do not let one outlier squeeze all rows into one bin.
   */
  readonly bins?: NumericBins;
};

const MINIMUM_ROWS = 30;

function side(rows: number, missing: number): Side {
  return { rows, missing, valid: rows - missing };
}

function missingShift(reference: Side, current: Side, minimumRows: number): MissingShift | null {
  if (reference.missing + current.missing === 0) return null;
  if (Math.min(reference.rows, current.rows) < Math.max(1, minimumRows)) return null;
  const { p } = chiSquareHomogeneity([reference.valid, reference.missing], [current.valid, current.missing]);
  return { reference: reference.missing / reference.rows, current: current.missing / current.rows, p };
}

/** A comparison without its distribution where a side has too few valid rows. */
function compare(
  feature: string,
  kind: FeatureComparison["kind"],
  reference: Side,
  current: Side,
  minimumRows: number,
  distribution: () => DistributionShift,
): FeatureComparison {
  const enough = Math.min(reference.valid, current.valid) >= Math.max(1, minimumRows);
  return {
    feature,
    kind,
    reference,
    current,
    minimumRows,
    distribution: enough ? distribution() : null,
    missing: missingShift(reference, current, minimumRows),
  };
}

/**
 * Compares a numeric feature: Kolmogorov-Smirnov, PSI, Jensen-Shannon and normalised Wasserstein, with figures equal to Evidently's on float columns
 * unless `bins` are given. Prepare the reference once; the current side is sorted here, O(n). Never throws on data.
 */
export function compareNumeric(
  feature: string,
  reference: NumericSample,
  current: NumericValues | NumericSample,
  { minimumRows = MINIMUM_ROWS, zeroFill = "smallest_share", bins }: ComparisonOptions = {},
): FeatureComparison {
  const now = isNumericSample(current) ? current : prepareNumericReference(current);
  const [before, after] = [side(reference.rows, reference.missing), side(now.rows, now.missing)];
  return compare(feature, "numeric", before, after, minimumRows, () => {
    const counted = bins === undefined ? countUnion(reference, now) : countFixed(reference, now, bins);
    const { statistic, p } = kolmogorovSmirnov(reference.sorted, now.sorted);
    return {
      test: "kolmogorov_smirnov",
      statistic,
      p,
      psi: psi(counted.reference, counted.current, zeroFill),
      psiWithoutDrift: psiWithoutDrift(counted.reference.length, before.valid, after.valid),
      jensenShannon: jensenShannon(counted.reference, counted.current),
      wasserstein: normalisedWasserstein(reference, now),
      newCategories: [],
      bars: counted.bars,
    };
  });
}

/**
 * Compares a categorical feature: chi-square of homogeneity, PSI and Jensen-Shannon over the union of the categories. Missing values are not a
 * category; their share is compared apart. Never throws on data.
 */
export function compareCategorical(
  feature: string,
  reference: CategoryCounts,
  current: CategoryCounts,
  { minimumRows = MINIMUM_ROWS, zeroFill = "smallest_share" }: ComparisonOptions = {},
): FeatureComparison {
  const [before, after] = [side(reference.rows, reference.missing), side(current.rows, current.missing)];
  return compare(feature, "categorical", before, after, minimumRows, () => {
    const aligned = alignCategories(reference, current);
    const { statistic, p } = chiSquareHomogeneity(aligned.reference, aligned.current);
    return {
      test: "chi_square",
      statistic,
      p,
      psi: psi(aligned.reference, aligned.current, zeroFill),
      psiWithoutDrift: psiWithoutDrift(aligned.keys.length, before.valid, after.valid),
      jensenShannon: jensenShannon(aligned.reference, aligned.current),
      wasserstein: null,
      newCategories: aligned.keys.slice(reference.counts.size),
      bars: topBars(aligned.keys, aligned.reference, aligned.current),
    };
  });
}

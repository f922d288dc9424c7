import { describe, expect, test } from "vitest";
import { auc, aucOneVersusRest } from "./auc.ts";
import { classificationScores, confusionMatrix, distinctLabels, encodeLabels } from "./classification.ts";
import { meanInterval, moments, wilson } from "./intervals.ts";
import {
  FLOAT_EPSILON,
  brier,
  brierOfClasses,
  calibration,
  logLoss,
  logLossOfClasses,
  logLossTerms,
} from "./probability-scores.ts";
import { apart, labelled, shaped } from "./reference/cases.ts";
import reference from "./reference/quality.json" with { type: "json" };
import { regressionScores } from "./regression.ts";

const near = (actual: number, expected: number | undefined): void =>
  expect(apart(actual, expected!)).toBeLessThan(1e-9);

describe("classification equals scikit-learn", () => {
  test.each(reference.classes)("$case", (wanted) => {
    const [seed, n, classes] = wanted.case as [number, number, number];
    const { actual, predicted, probabilities } = labelled(seed, n, classes);
    const matrix = confusionMatrix(actual, predicted, classes);
    expect(matrix).toEqual(wanted.confusion);
    const scores = classificationScores(matrix);
    near(scores.accuracy, wanted.accuracy);
    scores.perClass.forEach((one, i) => {
      const [precision, recall, f1, support] = wanted.perClass[i]!;
      near(one.precision, precision);
      near(one.recall, recall);
      near(one.f1, f1);
      expect(one.support).toBe(support);
    });
    for (const name of ["macro", "weighted"] as const) {
      near(scores[name].precision, wanted[name][0]);
      near(scores[name].recall, wanted[name][1]);
      near(scores[name].f1, wanted[name][2]);
    }
    near(logLossOfClasses(actual, probabilities, classes), wanted.logLoss);
    if (classes > 2) {
      near(aucOneVersusRest(actual, probabilities, classes).macro!, wanted.auc);
      near(brierOfClasses(actual, probabilities, classes), wanted.brier);
    } else {
      const positive = probabilities.filter((_, i) => i % 2 === 1);
      near(logLoss(actual, positive), wanted.logLoss);
      near(auc(actual, positive)!, wanted.auc);
      near(brier(actual, positive), wanted.brier);
      for (const strategy of ["uniform", "quantile"] as const) {
        const bins = calibration(actual, positive, { count: 8, strategy }).bins.filter((bin) => bin.n > 0);
        const [observed, given] = wanted[strategy]!;
        expect(bins.length).toBe(observed!.length);
        bins.forEach((bin, i) => {
          near(bin.observed!, observed![i]);
          near(bin.predicted!, given![i]);
        });
      }
    }
  });

  test.each(reference.edge)("shares of nothing: $actual predicted as $predicted", (wanted) => {
    const { codes } = encodeLabels(wanted.actual, wanted.labels);
    const scores = classificationScores(
      confusionMatrix(codes, encodeLabels(wanted.predicted, wanted.labels).codes, wanted.labels.length),
    );
    for (const name of ["macro", "weighted"] as const) {
      near(scores[name].precision, wanted[name][0]);
      near(scores[name].recall, wanted[name][1]);
      near(scores[name].f1, wanted[name][2]);
    }
  });

  test("a known class that does not occur does not lower the macro average", () => {
    const scores = classificationScores(confusionMatrix([0, 1], [0, 1], 3));
    expect(scores.macro).toEqual({ precision: 1, recall: 1, f1: 1 });
  });

  test("certainty that is wrong is clipped, for doubles and for a model's floats", () => {
    near(logLoss([1, 0, 1, 0], [1, 0, 0, 1]), reference.certainLogLoss);
    expect(apart(logLoss([1, 0, 1, 0], [1, 0, 0, 1], FLOAT_EPSILON), reference.certainLogLossFloat)).toBeLessThan(1e-6);
  });

  test("labels are ordered as scikit-learn orders them", () => {
    expect(distinctLabels([10, 9, 2], [1])).toEqual([1, 2, 9, 10]);
    expect(distinctLabels(["b", "B", "a"])).toEqual(["B", "a", "b"]);
    expect(encodeLabels([true, false]).codes).toEqual(Int32Array.of(1, 0));
    expect(() => encodeLabels(["x"], ["a", "b"])).toThrow(RangeError);
  });

  test("perfectly calibrated bins have no error, a wrong one its distance", () => {
    expect(calibration([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5]).expectedError).toBe(0);
    expect(calibration([1, 1], [0.2, 0.4], { count: 1 })).toMatchObject({ bins: [{ n: 2, observed: 1 }] });
    near(calibration([1, 1], [0.2, 0.4], { count: 1 }).expectedError, 0.7);
  });

  test("nonsense is refused", () => {
    for (const bad of [
      () => classificationScores([[0]]),
      () => confusionMatrix([0, 2], [0, 1], 2),
      () => confusionMatrix([0], [0, 1], 2),
      () => logLoss([1], [1.2]),
      () => logLoss([], []),
      () => brier([0.5], [0.2]),
      () => logLossOfClasses([3], [0.5, 0.5], 2),
    ]) {
      expect(bad).toThrow(RangeError);
    }
  });
});

describe("intervals", () => {
  test.each(reference.wilson)("Wilson %d of %d at %d equals statsmodels", (k, n, level, low, high) => {
    const found = wilson(k, n, level);
    near(found.low, low);
    near(found.high, high);
    if (k === 0) expect(found.low).toBe(0);
    if (k === n) expect(found.high).toBe(1);
  });

  test("a mean loss with its normal interval", () => {
    const terms = logLossTerms([1, 0, 1, 1], [0.9, 0.2, 0.6, 0.7]);
    const { mean, error } = moments(terms);
    const found = meanInterval(terms)!;
    near(found.high - mean, 1.959963984540054 * error);
    near(mean, logLoss([1, 0, 1, 1], [0.9, 0.2, 0.6, 0.7]));
    expect(meanInterval([0.3])).toBeNull();
    expect(() => moments([])).toThrow(RangeError);
    expect(() => wilson(2, 1)).toThrow(RangeError);
    expect(() => wilson(1, 2, 1)).toThrow(RangeError);
  });

  test("the deviation keeps its digits far from zero", () => {
    near(moments([1e9 + 1, 1e9 + 2, 1e9 + 3]).deviation, 1);
  });
});

describe("regression equals scikit-learn", () => {
  test.each(reference.regression)("$case", (wanted) => {
    const [seed, n] = wanted.case as [number, number];
    const actual = shaped(seed, n, 10);
    const noise = shaped(seed + 10, n, 0.2, 0.5);
    const found = regressionScores(
      actual,
      actual.map((value, i) => value + noise[i]!),
    );
    near(found.meanAbsoluteError, wanted.mae);
    near(found.meanSquaredError, wanted.mse);
    near(found.rootMeanSquaredError, wanted.rmse);
    near(found.r2!, wanted.r2);
  });

  test("equal outcomes, one row, nonsense", () => {
    expect(regressionScores([2, 2], [2, 2]).r2).toBe(1);
    expect(regressionScores([2, 2], [2, 3])).toMatchObject({ r2: 0, bias: 0.5 });
    expect(regressionScores([2], [5])).toMatchObject({ r2: null, meanAbsoluteError: 3 });
    expect(() => regressionScores([1, 2], [1])).toThrow(RangeError);
    expect(() => regressionScores([1, 2], [1, Number.NaN])).toThrow(RangeError);
    expect(() => regressionScores([], [])).toThrow(RangeError);
  });
});

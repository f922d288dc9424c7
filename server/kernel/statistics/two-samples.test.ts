import { describe, expect, test } from "vitest";
import { moments } from "./intervals.ts";
import reference from "./reference/independent.json" with { type: "json" };
import { sampleRatio } from "./sample-ratio.ts";
import {
  newcombeDifference,
  unitMean,
  unitMeanInterval,
  unitProportionInterval,
  type UnitSums,
  welch,
} from "./two-samples.ts";

/** The sums of units that are given with their values. */
function sumsOf(units: readonly (readonly number[])[]): UnitSums {
  const sums = { units: 0, n: 0, y: 0, yy: 0, yn: 0, nn: 0 };
  for (const values of units) {
    const [y, n] = [values.reduce((sum, value) => sum + value, 0), values.length];
    sums.units += 1;
    sums.n += n;
    sums.y += y;
    sums.yy += y * y;
    sums.yn += y * n;
    sums.nn += n * n;
  }
  return sums;
}
const alone = (values: readonly number[]) => unitMean(sumsOf(values.map((value) => [value])))!;
const hits = (successes: number, n: number) => alone(Array.from({ length: n }, (_, i) => (i < successes ? 1 : 0)));

describe("sample ratio", () => {
  test.each(reference.ratio)(
    "of $observed against $shares is scipy's chisquare",
    ({ observed, shares, statistic, p }) => {
      const found = sampleRatio(observed, shares);
      expect(found.statistic).toBeCloseTo(statistic, 10);
      expect(found.p! / p).toBeCloseTo(1, 9);
    },
  );

  test("says nothing of a handful, and refuses what is no split", () => {
    expect(sampleRatio([12, 4], [0.75, 0.25])).toEqual({ n: 16, statistic: null, p: null });
    expect(sampleRatio([100, 0], [0, 1]).p).toBeNull();
    for (const wrong of [() => sampleRatio([1, 2], [0.5, 0.6]), () => sampleRatio([1.5, 2], [0.5, 0.5])])
      expect(wrong).toThrow(RangeError);
  });
});

describe("means of independent samples", () => {
  test("with one row per unit have the standard error of scipy's sem", () => {
    const { mean, error } = alone(reference.welch.a);
    expect(mean).toBeCloseTo(moments(reference.welch.a).mean, 12);
    expect(error).toBeCloseTo(reference.welch.errorA, 12);
  });

  test("differ by Welch's interval, as scipy gives it", () => {
    const { interval } = welch(alone(reference.welch.a), alone(reference.welch.b));
    expect(interval.low).toBeCloseTo(reference.welch.low, 10);
    expect(interval.high).toBeCloseTo(reference.welch.high, 10);
  });

  test("of several rows per unit have the cluster-robust error of statsmodels", () => {
    const { groups, y, mean, error } = reference.clusters;
    const units = Map.groupBy(
      y.map((value, i) => ({ value, group: groups[i] })),
      ({ group }) => group,
    );
    const found = unitMean(sumsOf([...units.values()].map((rows) => rows.map(({ value }) => value))));
    expect(found?.mean).toBeCloseTo(mean, 12);
    expect(found?.error).toBeCloseTo(error, 10);
  });

  test("are not known of one unit, and have no width where nothing varies", () => {
    expect(unitMean(sumsOf([[1, 2, 3]]))).toBeNull();
    const same = alone([2, 2, 2]);
    expect(unitMeanInterval(same)).toMatchObject({ low: 2, high: 2 });
    expect(welch(same, same)).toEqual({ value: 0, interval: { low: 0, high: 0, level: 0.95 } });
  });
});

describe("proportions of independent samples", () => {
  test.each(reference.newcombe)("$x1/$n1 − $x2/$n2 differ by Newcombe's interval, as statsmodels gives it", (row) => {
    const { interval } = newcombeDifference(hits(row.x1, row.n1), hits(row.x2, row.n2));
    expect(interval.low).toBeCloseTo(row.low, 10);
    expect(interval.high).toBeCloseTo(row.high, 10);
  });

  test("of rows that go together are worth fewer rows", () => {
    const rows = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? 1 : 0));
    const [single, grouped] = [
      alone(rows),
      unitMean(sumsOf(rows.map((value) => [value, value, value, value, value])))!,
    ];
    const width = ({ low, high }: { low: number; high: number }) => high - low;
    expect(grouped.rows).toBe(200);
    expect(width(unitProportionInterval(grouped))).toBeCloseTo(width(unitProportionInterval(single)), 2);
  });
});

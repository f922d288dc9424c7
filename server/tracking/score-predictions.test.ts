import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TableFile } from "#server/platform/table-file.ts";
import { EvaluationColumns, type EvaluationMetricDto, EvaluationTask } from "./evaluations-contract.ts";
import { guessColumns } from "./guess-columns.ts";
import { readPredictions } from "./predictions-table.ts";
import { scorePredictions } from "./score-predictions.ts";
import cases from "./testing/evaluations.json" with { type: "json" };

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-evaluations-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Case {
  readonly name: string;
  readonly csv: string;
  readonly wish: unknown;
  readonly task: string;
  readonly n: number;
  readonly positive?: string;
  readonly classes?: readonly string[];
  readonly confusion?: readonly (readonly number[])[];
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly segments: readonly {
    column: string;
    value: unknown;
    n: number;
    metrics: Readonly<Record<string, number | null>>;
  }[];
  readonly roc?: readonly (readonly (number | null)[])[];
  readonly pr?: readonly (readonly (number | null)[])[];
  readonly averagePrecision?: number;
  readonly calibration?: readonly (readonly number[])[];
}

const near = (actual: number | null | undefined, expected: number | null | undefined): void => {
  if (expected === null || expected === undefined) expect(actual).toBeNull();
  else expect(Math.abs((actual ?? Number.NaN) - expected) / Math.max(1, Math.abs(expected))).toBeLessThan(1e-9);
};
function sameMetrics(
  found: readonly EvaluationMetricDto[],
  wanted: Case["metrics"],
  skip: readonly string[] = [],
): void {
  expect(found.map((metric) => metric.name).sort()).toEqual(Object.keys(wanted).sort());
  for (const { name, value } of found) if (!skip.includes(name)) near(value, wanted[name]);
}

async function evaluate(text: string, wish: unknown, task: string, positive: string | null = null) {
  const file = path.join(dir, `${Math.random()}.csv`);
  writeFileSync(file, text);
  await using table = await TableFile.open(file, "csv");
  const columns = EvaluationColumns.parse(wish);
  return await scorePredictions(await readPredictions(table, { task: EvaluationTask.parse(task), columns, positive }));
}

describe("what is computed of a file of predictions equals scikit-learn", () => {
  test.each(cases as unknown as Case[])("$name", async (wanted) => {
    const result = await evaluate(wanted.csv, wanted.wish, wanted.task, wanted.positive ?? null);
    expect(result.n).toBe(wanted.n);
    sameMetrics(result.metrics, wanted.metrics);
    if (wanted.confusion) expect(result.confusion).toEqual({ classes: wanted.classes, counts: wanted.confusion });
    expect(result.segments.length).toBe(wanted.segments.length);
    for (const segment of wanted.segments) {
      const found = result.segments.find((one) => one.column === segment.column && one.value === String(segment.value));
      expect(found?.n).toBe(segment.n);
      // scikit-learn refuses an AUC of a segment without some class; ours is over the classes that are there.
      sameMetrics(
        found?.metrics ?? [],
        segment.metrics,
        segment.metrics["auc"] === null && result.classes.length > 2 ? ["auc"] : [],
      );
    }
    if (wanted.calibration) {
      const bins = result.calibration.filter((bin) => bin.n > 0);
      expect(bins.length).toBe(wanted.calibration.length);
      bins.forEach((bin, i) => {
        near(bin.predicted, wanted.calibration?.[i]?.[0]);
        near(bin.observed, wanted.calibration?.[i]?.[1]);
      });
    }
  });

  test.each((cases as unknown as Case[]).filter((one) => one.pr))("the curves of: $name", async (wanted) => {
    const result = await evaluate(wanted.csv, wanted.wish, wanted.task, wanted.positive ?? null);
    near(result.pr[0]?.averagePrecision, wanted.averagePrecision);
    onTheCurve(
      (result.roc[0]?.points ?? []).map((p) => [p.falsePositiveRate, p.truePositiveRate, p.threshold]),
      wanted.roc ?? [],
    );
    onTheCurve(
      (result.pr[0]?.points ?? []).map((p) => [p.recall, p.precision, p.threshold]),
      wanted.pr ?? [],
    );
    const points = result.roc[0]?.points ?? [];
    let area = 0;
    for (let i = 1; i < points.length; i++) {
      const [a, b] = [points[i - 1], points[i]];
      if (a && b) area += ((b.falsePositiveRate - a.falsePositiveRate) * (a.truePositiveRate + b.truePositiveRate)) / 2;
    }
    if (points.length > 0) near(area, wanted.metrics["auc"]);
  });

  /** Every point drawn is one of scikit-learn's, with its threshold, and the ends are there. */
  function onTheCurve(drawn: (number | null)[][], all: readonly (readonly (number | null)[])[]): void {
    expect(drawn.length === 0).toBe(all.length === 0);
    for (const [x, y, threshold] of drawn)
      expect(
        all.some(
          (p) =>
            Math.abs((p[0] ?? 0) - (x ?? 0)) < 1e-12 &&
            Math.abs((p[1] ?? 0) - (y ?? 0)) < 1e-12 &&
            (p[2] === threshold || Math.abs((p[2] ?? 9) - (threshold ?? 9)) < 1e-12),
        ),
      ).toBe(true);
    expect(drawn[0]?.slice(0, 2)).toEqual(all[0]?.slice(0, 2));
    expect(drawn.at(-1)?.slice(0, 2)).toEqual(all.at(-1)?.slice(0, 2));
  }
});

describe("files that are not as they should be", () => {
  const wish = { label: "label", prediction: null, probabilities: [{ column: "p", class: "1" }] };
  test("rows without label or probability do not count", async () => {
    const result = await evaluate("label,p\n1,0.9\n0,\n,0.3\n0,0.2\n", wish, "classification");
    expect([result.n, result.skipped]).toEqual([2, 2]);
    expect(result.metrics.find((m) => m.name === "accuracy")?.value).toBe(1);
  });
  test("what is no probability is refused with its row", async () => {
    await expect(evaluate("label,p\n1,0.9\n0,1.5\n", wish, "classification")).rejects.toThrow(/Row 2 has 1.5/);
  });
  test("a file without rows is refused, and so is a column that is not there", async () => {
    const words = { label: "label", prediction: "p" };
    await expect(evaluate("label,p\n", words, "classification")).rejects.toThrow(/no rows/);
    await expect(evaluate("label,p\n1,0.5\n", { ...wish, label: "y" }, "classification")).rejects.toThrow(
      /no column 'y'/,
    );
  });
  test("a number written as 1, 1.0 or true is one class", async () => {
    const result = await evaluate(
      "label,predicted\ntrue,1.0\nfalse,0.0\ntrue,0.0\n",
      { label: "label", prediction: "predicted" },
      "classification",
    );
    expect(result.confusion).toEqual({
      classes: ["0", "1"],
      counts: [
        [1, 0],
        [1, 1],
      ],
    });
  });
});

describe("columns are guessed", () => {
  const number = (name: string, distinct: string[] | null = null) => ({ name, kind: "number" as const, distinct });
  const text = (name: string, distinct: string[] | null = null) => ({ name, kind: "text" as const, distinct });
  test("two classes with one probability", () => {
    const { guess } = guessColumns([
      number("y_true", ["0", "1"]),
      number("y_score"),
      text("site", ["a", "b"]),
      text("note"),
    ]);
    expect(guess).toEqual({
      task: "classification",
      positive: "1",
      columns: {
        label: "y_true",
        prediction: null,
        probabilities: [{ column: "y_score", class: "1" }],
        segments: ["site"],
      },
    });
  });
  test("a probability for each of several classes", () => {
    const { guess } = guessColumns([
      text("label", ["Adelie", "Gentoo", "Chinstrap"]),
      text("prediction", ["Adelie", "Gentoo", "Chinstrap"]),
      ...["adelie", "gentoo", "chinstrap"].map((name) => number(`probability_${name}`)),
    ]);
    expect(guess?.columns.probabilities.map((one) => one.class)).toEqual(["Adelie", "Gentoo", "Chinstrap"]);
    expect(guess?.positive).toBeNull();
  });
  test("numbers are a regression, and without a label nothing is guessed", () => {
    expect(guessColumns([number("actual"), number("predicted")]).guess?.task).toBe("regression");
    expect(guessColumns([number("a"), number("prediction")])).toMatchObject({ guess: null });
  });
});

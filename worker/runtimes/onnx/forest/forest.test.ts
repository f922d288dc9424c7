import { describe, expect, it } from "vitest";
import { openSession } from "../ort.ts";
import { isSameForest } from "./is-same-forest.ts";
import type { ForestPlan } from "./plan.ts";
import { readForest } from "./read-forest.ts";
import { openForest } from "./run-forest.ts";
import { floatAbove } from "./split.ts";
import { forestFile } from "./testing/flat-forest.ts";
import { randomForestFile, randomOf, THRESHOLDS, type Wanted } from "./testing/random-forest.ts";

const WIDTH = 4;
const KINDS: Record<string, Omit<Wanted, "seed">> = {
  "a regression forest, as scikit-learn's converter writes it": {},
  "one tree": { trees: 1 },
  "trees that are leaves": { trees: 3, depth: 0 },
  "hundreds of trees": { trees: 300, depth: 4 },
  "boosted trees with a base": { trees: 20, base: [0.1] },
  "an average": { average: true, base: [-3] },
  "several targets": { targets: 3, base: [1, 2, 3] },
  "comparisons of all kinds": { modes: ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT", "BRANCH_GTE"] },
  "missing values that go where the comparison holds": {
    modes: ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT", "BRANCH_GTE"],
    missingTrue: 0.5,
  },
  "three named classes": { classes: ["a", "b", "c"] },
  "five numbered classes": { classes: [4, -1, 7, 0, 2] },
  "two named classes": { classes: ["no", "yes"] },
  "two numbered classes": { classes: [0, 1] },
};

/** Values on the thresholds, beside them, between them and far from them, and missing ones. */
function rowsOf(seed: number, rows: number): Float32Array {
  const random = randomOf(seed);
  const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0];
  const values = [...THRESHOLDS, ...THRESHOLDS.flatMap((t) => [floatAbove(t), -floatAbove(-t)]), ...odd];
  return Float32Array.from({ length: rows * WIDTH }, () => {
    const at = random() * (values.length + 5);
    return values[Math.floor(at)] ?? random() * 6 - 3;
  });
}

const feedsOf = (rows: number, data: Float32Array) => [
  { name: "x", datatype: "FP32" as const, dims: [rows, data.length / rows], data },
];

function planOf(wanted: Wanted): ForestPlan {
  const plan = readForest(randomForestFile(wanted));
  if (!plan) throw new Error("the forest was not read");
  return plan;
}

describe.each(Object.entries(KINDS))("%s", (_, kind) => {
  it("answers bit for bit as ONNX Runtime does, alone and among others", async () => {
    const wanted = kind.classes ? ["label", "probabilities"] : ["y"];
    for (let seed = 1; seed <= 5; seed += 1) {
      const session = await openSession(randomForestFile({ ...kind, seed }));
      const plan = planOf({ ...kind, seed });
      const run = openForest(plan);
      for (const rows of [1, 2, 64, 200]) {
        const feeds = feedsOf(rows, rowsOf(seed * 1000 + rows, rows));
        expect(run(feeds, wanted)).toEqual(await session.run(feeds, wanted));
      }
      expect(await isSameForest(plan, session)).toBe(true);
      await session.release();
    }
  });
});

describe("a forest that would be run differently", () => {
  it.each<[string, Omit<Wanted, "seed">]>([
    ["a comparison for equality", { modes: ["BRANCH_LEQ", "BRANCH_EQ"] }],
    ["an unknown comparison", { modes: ["BRANCH_SOMEHOW"] }],
    ["probabilities made of sums", { classes: ["a", "b", "c"], transform: "SOFTMAX" }],
    ["a base for one of two targets", { targets: 2, base: [1] }],
    ["a value beyond the row", { width: 0 }],
  ])("is left to ONNX Runtime: %s", (_, kind) => {
    expect(readForest(randomForestFile({ ...kind, seed: 1 }))).toBeNull();
  });

  it("is left to it when the graph does more than add up trees, and when the file is none", () => {
    expect(readForest(forestFile(3, 2, 1))).not.toBeNull();
    expect(readForest(forestFile(3, 2, 1, { copied: true }))).toBeNull();
    expect(readForest(new Uint8Array([1, 2, 3]))).toBeNull();
    expect(readForest(new Uint8Array())).toBeNull();
  });

  it("is found out before it answers, by a threshold that is one float off or a leaf that says something else", async () => {
    const session = await openSession(randomForestFile({ seed: 1 }));
    const plan = planOf({ seed: 1 });
    const nodes = plan.nodes.slice();
    const thresholds = new Float32Array(nodes.buffer);
    thresholds[1] = floatAbove(thresholds[1] ?? 0);
    expect(await isSameForest({ ...plan, nodes }, session)).toBe(false);
    expect(await isSameForest({ ...plan, leaves: plan.leaves.map((leaf) => floatAbove(leaf)) }, session)).toBe(false);
    await session.release();
  });
});

describe("a run of a forest", () => {
  const run = openForest(planOf({ seed: 1 }));

  it("refuses feeds and outputs that are not its own", () => {
    const good = feedsOf(2, rowsOf(1, 2));
    expect(run(good, ["y"])["y"]?.dims).toEqual([2, 1]);
    expect(run(good, [])).toEqual({});
    expect(() => run(good, ["z"])).toThrow("the model has no output 'z'");
    expect(() => run([], ["y"])).toThrow("the model takes 'x' as FP32 with 4 values per row");
    expect(() => run(feedsOf(1, rowsOf(1, 2)), ["y"])).toThrow("4 values per row");
  });

  it("gives arrays that no later run changes", () => {
    const first = run(feedsOf(1, rowsOf(1, 1)), ["y"])["y"]?.data;
    const copy = first?.slice();
    run(feedsOf(1, rowsOf(2, 1)), ["y"]);
    expect(first).toEqual(copy);
  });
});

describe("the float above", () => {
  it.each([
    [0, 2 ** -149],
    [-0, 2 ** -149],
    [1, 1 + 2 ** -23],
    [-1, -1 + 2 ** -24],
    [-(2 ** -149), 0],
    [(2 - 2 ** -23) * 2 ** 127, Number.POSITIVE_INFINITY],
    [Number.POSITIVE_INFINITY, Number.NaN],
    [Number.NEGATIVE_INFINITY, -(2 - 2 ** -23) * 2 ** 127],
  ])("%s is %s", (value, above) => {
    expect(floatAbove(value) === above || Object.is(floatAbove(value), above)).toBe(true);
  });
});

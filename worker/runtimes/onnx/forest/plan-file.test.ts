import { mkdtemp, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readPlan, writePlan } from "./plan-file.ts";
import { readForest } from "./read-forest.ts";
import { randomForestFile } from "./testing/random-forest.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "plan-"));
});
afterAll(() => rm(folder, { recursive: true }));

it.each<[string, Parameters<typeof randomForestFile>[0]]>([
  ["numbered classes", { seed: 1, classes: [4, -1, 7] }],
  ["named classes", { seed: 2, classes: ["no", "yes"] }],
  ["targets with a base", { seed: 3, trees: 20, targets: 3, base: [1, 2, 3] }],
  ["missing values, negated comparisons", { seed: 4, modes: ["BRANCH_GT", "BRANCH_LEQ"], missingTrue: 0.5 }],
])("a plan comes back as it was written: %s", async (_, wanted) => {
  const plan = readForest(randomForestFile(wanted));
  if (!plan) throw new Error("the forest was not read");
  const file = path.join(folder, String(wanted.seed));
  await writePlan(file, plan);
  const read = await readPlan(file);
  expect(read).toEqual(plan);
  // A run looks at the nodes as floats too, from their beginning.
  expect(new Float32Array(read.nodes.buffer)).toEqual(new Float32Array(plan.nodes.buffer));
});

it("a file that ends early is no plan", async () => {
  const plan = readForest(randomForestFile({ seed: 1 }));
  if (!plan) throw new Error("the forest was not read");
  const file = path.join(folder, "short");
  await writePlan(file, plan);
  await expect(writePlan(file, plan)).rejects.toThrow("EEXIST");
  await truncate(file, (await readFile(file)).length - 1);
  await expect(readPlan(file)).rejects.toThrow("ends early");
});

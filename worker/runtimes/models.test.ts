import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { type Columns, type ModelSource } from "#server/platform/runtimes.ts";
import { ModelSignature } from "#server/registry/contract.ts";
import { models } from "./models.ts";

const folder = path.join(import.meta.dirname, "../../server/registry/fixtures");
interface Facts {
  signature: unknown;
  answers: { rows: Record<string, Values>; outputs: { label: string[]; probabilities: number[]; variable: number[] } };
}
const facts = JSON.parse(readFileSync(path.join(folder, "facts.json"), "utf8")) as Record<Name, Facts>;
type Name = "columns" | "regression";
type Values = (number | string | boolean)[];

function source(name: Name): ModelSource {
  const file = path.join(folder, `${name}.onnx`);
  const sha256 = createHash("sha256").update(readFileSync(file)).digest("hex");
  return { runtime: "onnx", name, path: file, sha256, signature: ModelSignature.parse(facts[name].signature) };
}
const rows = facts.columns.answers.rows as Record<"size" | "count" | "flag" | "city", Values>;
const columns: Columns = {
  size: Float64Array.from(rows.size, Number),
  count: Float64Array.from(rows.count, Number),
  flag: Float64Array.from(rows.flag, Number),
  city: rows.city.map(String),
};
const repeat = (times: number): Columns =>
  Object.fromEntries(
    Object.entries(columns).map(([name, values]) => {
      const all = Array.from({ length: times }, () => Array.from<number | string>(values)).flat();
      return [name, Array.isArray(values) ? all.map(String) : Float64Array.from(all, Number)];
    }),
  );

describe("scoring a table", () => {
  it("agrees with the onnx package's own evaluator", async () => {
    const scores = await models.scoreTable(source("columns"), columns, 4);
    const expected = facts.columns.answers.outputs;
    expect(scores.labels).toEqual(expected.label);
    expect(scores.classes).toEqual(["no", "yes"]);
    expect(scores.values).toBeNull();
    expected.probabilities.forEach((p, i) => expect(scores.probabilities?.[i]).toBeCloseTo(p, 6));
  });

  it("gives every row the same answer in chunks as alone", async () => {
    const scores = await models.scoreTable(source("columns"), repeat(700), 2800);
    const [first] = facts.columns.answers.outputs.probabilities;
    expect(scores.labels).toHaveLength(2800);
    expect(scores.probabilities).toHaveLength(5600);
    for (let row = 0; row < 2800; row += 4) expect(scores.probabilities?.[row * 2]).toBeCloseTo(first ?? 0, 6);
  });

  it("takes k columns in order for one tensor of k columns", async () => {
    const x = facts.regression.answers.rows["x"] as number[];
    const at = (i: number) => Float64Array.from([x[i] ?? 0, x[i + 3] ?? 0]);
    const scores = await models.scoreTable(source("regression"), { a: at(0), b: at(1), c: at(2) }, 2);
    expect(scores).toMatchObject({ labels: null, probabilities: null, classes: null });
    expect([...(scores.values ?? [])]).toEqual(facts.regression.answers.outputs.variable);
  });

  it("does not stall the event loop", async () => {
    const table = repeat(5000);
    const model = await models.load(source("columns"));
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    await model.scoreTable(table, 20_000);
    clearInterval(timer);
    await model.release();
    expect(longest).toBeLessThan(100);
  });

  it("times single rows", async () => {
    const model = await models.load(source("columns"));
    const times = await model.timeRows(columns, 4);
    expect(times).toHaveLength(4);
    for (const microseconds of times) expect(microseconds).toBeGreaterThan(0.1);
    await model.release();
    await expect(model.scoreTable(columns, 4)).rejects.toThrow("ended");
  });
});

describe("refusals", () => {
  const refusal = (run: Promise<unknown>) => expect(run).rejects;
  const score = (changed: Record<string, Float64Array | string[]>) =>
    models.scoreTable(source("columns"), { ...columns, ...changed }, 4);

  it("names the column that is missing, short or of the wrong kind", async () => {
    const { city: _, ...without } = columns;
    await refusal(models.scoreTable(source("columns"), without, 4)).toMatchObject({
      code: "invalid_input",
      message: "The data has no column 'city', which the model takes.",
    });
    await refusal(score({ size: new Float64Array(3) })).toThrow("'size' has 3 values for 4 rows");
    await refusal(score({ size: ["1", "2", "3", "4"] })).toThrow("'size' has \"1\" in row 1");
    await refusal(score({ count: Float64Array.from([1, 2, 2.5, 3]) })).toThrow(
      "'count' has 2.5 in row 3; the model takes INT64",
    );
  });

  it("does not load a file that was changed or damaged", async () => {
    const temporary = await mkdtemp(path.join(tmpdir(), "models-"));
    const file = path.join(temporary, "model.onnx");
    await copyFile(source("columns").path, file);
    await writeFile(file, Buffer.concat([await readFile(file), Buffer.from([0x1a, 1, 0x39])]));
    await refusal(models.load({ ...source("columns"), path: file })).toThrow("not the one that was registered");
    await writeFile(file, "not a model");
    await refusal(models.load({ ...source("columns"), path: file })).toMatchObject({ code: "invalid_input" });
    await rm(temporary, { recursive: true });
  });
});

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readOnnxSignature } from "#server/registry/index.ts";
import { models } from "../runtimes/models.ts";
import { loadSession } from "../runtimes/onnx/load.ts";
import { PENGUINS, trainPenguins } from "./testing/penguins.ts";
import { serve } from "./testing/serve.ts";

type Row = Record<string, string>;
interface Batch {
  params?: { key: string; value: string }[];
  metrics?: { key: string; value: number }[];
}
type LoggedGolden = NonNullable<Parameters<typeof loadSession>[0]["golden"]> & {
  inputs: { island: string[] };
  outputs: { probabilities: number[][] };
};
const MEASURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"];
const BASES = ["linear", "quadratic"] as const;
const trained: Record<string, Awaited<ReturnType<typeof trainPenguins>>> = {};
let folder: string;
let birds: Row[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "penguins-"));
  for (const basis of BASES) trained[basis] = await trainPenguins(folder, basis);
  const [header, ...lines] = (await readFile(path.join(PENGUINS, "traffic/penguins-2009.csv"), "utf8"))
    .trim()
    .split("\n");
  const names = header?.split(",") ?? [];
  birds = lines.map((line) => Object.fromEntries(line.split(",").map((value, i) => [names[i] ?? "", value])));
});
afterAll(() => rm(folder, { recursive: true }));

const tensors = (rows: Row[]) => [
  ...MEASURES.map((name) => ({
    name,
    datatype: "FP32",
    shape: [rows.length, 1],
    data: rows.map((row) => Number(row[name])),
  })),
  { name: "island", datatype: "BYTES", shape: [rows.length, 1], data: rows.map((row) => row["island"]) },
];

interface Weights {
  basis: string;
  islands: string[];
  mean: number[];
  scale: number[];
  weights: number[][];
  bias: number[];
}

/** The model as the training script knows it, computed here from its weights: no runtime, no ONNX. */
function predict(model: Weights, row: Row): number[] {
  const z = MEASURES.map((name, i) => (Number(row[name]) - model.mean[i]!) / model.scale[i]!);
  const products = model.basis === "quadratic" ? z.flatMap((a, i) => z.slice(i).map((b) => a * b)) : [];
  const x = [...z, ...products, ...model.islands.map((island) => Number(island === row["island"]))];
  const powers = model.bias.map((bias, k) => Math.exp(x.reduce((sum, v, i) => sum + v * model.weights[i]![k]!, bias)));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / total);
}

describe.each(BASES)("the Penguins sample, %s", (basis) => {
  it("writes the signature that its README states", async () => {
    const { entry } = trained[basis]!;
    expect(await readOnnxSignature(entry.path)).toEqual(entry.signature);
  });

  it("writes the model that it trained, and predicts the next season", async () => {
    const { entry, weights } = trained[basis]!;
    const columns = {
      ...Object.fromEntries(MEASURES.map((name) => [name, Float64Array.from(birds, (row) => Number(row[name]))])),
      island: birds.map((row) => row["island"] ?? ""),
    };
    const { labels, probabilities } = await models.scoreTable({ ...entry, name: basis }, columns, birds.length);
    const model = JSON.parse(await readFile(weights, "utf8")) as Weights;
    let right = 0;
    birds.forEach((row, i) => {
      predict(model, row).forEach((p, k) => expect(probabilities?.[i * 3 + k]).toBeCloseTo(p, 5));
      right += labels?.[i] === row["species"] ? 1 : 0;
    });
    expect(right / birds.length).toBeGreaterThan(0.95);
  });

  it("tracks parameters, curves, its input and the very file that it wrote", async () => {
    const { entry, tracked } = trained[basis]!;
    const sent = (part: string) => tracked.filter((call) => call.path.includes(part));
    const batches = sent("log-batch").map((call) => JSON.parse(call.body.toString()) as Batch);
    expect(batches[0]?.params).toContainEqual({ key: "basis", value: basis });
    const losses = batches[1]?.metrics?.filter((m) => m.key === "train_loss").map((m) => m.value) ?? [];
    expect(losses).toHaveLength(30);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 5);
    expect(JSON.parse(sent("log-inputs")[0]!.body.toString()).datasets[0].dataset.name).toBe("penguins");
    const files = new Map(sent("mlflow-artifacts").map((call) => [call.path, call.body]));
    const at = "PUT /api/2.0/mlflow-artifacts/artifacts/0/run/artifacts";
    expect([...files.keys()].sort()).toEqual([
      `${at}/model.onnx`,
      `${at}/touchstone/golden.json`,
      `${at}/touchstone/predictions.csv`,
    ]);
    expect(files.get(`${at}/model.onnx`)).toEqual(await readFile(entry.path));
    const golden = JSON.parse(files.get(`${at}/touchstone/golden.json`)!.toString()) as LoggedGolden;
    await (
      await loadSession(
        {
          ...entry,
          golden: {
            ...golden,
            rows: golden.inputs.island.length,
            outputs: { probabilities: golden.outputs.probabilities.flat() },
          },
        },
        "jobs",
      )
    ).release();
    expect(JSON.parse(sent("runs/update")[0]!.body.toString()).status).toBe("FINISHED");
  });

  it("serves one bird and many, also from an island it never saw", async () => {
    const { entry } = trained[basis]!;
    const serving = await serve({ penguins: entry });
    const infer = (rows: Row[]) => serving.call("/v2/models/penguins/infer", { inputs: tensors(rows) });
    const { body: all } = await infer(birds);
    const one = await infer(birds.slice(7, 8));
    expect(one.body.outputs?.[0]?.data).toEqual([all.outputs?.[0]?.data[7]]);
    expect((await infer([{ ...birds[0], island: "Mars" }])).status).toBe(200);
    await serving.stop();
  });
});

import { describe, expect, it } from "vitest";
import { compareGolden, Golden, goldenReasons, worstSentence } from "./contract.ts";
import { readGolden } from "./golden-file.ts";
import { ModelSignature } from "./signature.ts";

const tensor = (name: string, datatype: string, width: number | null) => ({
  name,
  datatype,
  shape: width === null ? [-1] : [-1, width],
  symbols: width === null ? ["rows"] : ["rows", null],
});
const signature = ModelSignature.parse({
  inputs: [tensor("size", "FP32", 1), tensor("count", "INT64", 1), tensor("city", "BYTES", 1), tensor("x", "FP32", 2)],
  outputs: [tensor("label", "INT64", null), tensor("probabilities", "FP32", 2)],
  opset: [{ domain: "", version: 17 }],
  irVersion: 8,
  producer: { name: "", version: "" },
  metadata: {},
  task: "classification",
  classes: ["0", "1"],
  positive: "1",
  labelColumn: null,
  roles: { label: "label", probabilities: "probabilities" },
});
const file = {
  inputs: {
    size: [0.5, null],
    count: [3, 4],
    city: ["Oslo", ""],
    x: [
      [1, 2],
      [3, null],
    ],
  },
  outputs: {
    label: [1, 0],
    probabilities: [
      [0.25, 0.75],
      [0.9, 0.1],
    ],
  },
  tolerance: { absolute: 1e-4 },
};
const read = (change: object = {}, example: string | null = null) =>
  readGolden({ golden: JSON.stringify({ ...file, ...change }), example, source: "golden.json of the run" }, signature);

describe("a golden file", () => {
  it("is read into flat lists by name, with nested and flat forms alike", () => {
    const golden = read();
    expect(golden).toEqual({
      rows: 2,
      inputs: { size: [0.5, null], count: [3, 4], city: ["Oslo", ""], x: [1, 2, 3, null] },
      outputs: { label: [1, 0], probabilities: [0.25, 0.75, 0.9, 0.1] },
      tolerance: { absolute: 1e-4, relative: 1e-5 },
      framework: null,
      source: "golden.json of the run",
    });
    const column = Object.fromEntries(Object.entries(file.inputs).map(([name, list]) => [name, list.map((v) => [v])]));
    expect(read({ inputs: column })).toEqual(golden);
    expect(Golden.parse(JSON.parse(JSON.stringify(golden)))).toEqual(golden);
  });

  it("takes its inputs from MLflow's input example when it has only outputs", () => {
    const split = {
      dataframe_split: {
        columns: ["size", "count", "city", "x"],
        data: [
          [0.5, 3, "Oslo", [1, 2]],
          [null, 4, "", [3, null]],
        ],
      },
    };
    expect(read({ inputs: undefined }, JSON.stringify(split))).toEqual(read());
    expect(read({ inputs: undefined }, JSON.stringify({ inputs: file.inputs }))).toEqual(read());
    expect(() => read({ inputs: undefined })).toThrow("no MLflow input example stands beside the model");
    expect(() => read({ inputs: undefined }, JSON.stringify({ inputs: [[1, 2]] }))).toThrow("have no names");
  });

  it.each([
    [
      { inputs: { ...file.inputs, colour: [1, 2] } },
      "'inputs.colour' is no input of the model, which takes size, count, city, x",
    ],
    [{ inputs: { size: [0.5, 1] } }, "'inputs.count' is missing"],
    [{ inputs: { ...file.inputs, size: ["a", 1] } }, "'inputs.size[0]' is \"a\"; the model takes a number (FP32) here"],
    [
      { inputs: { ...file.inputs, count: [3, null] } },
      "'inputs.count[1]' is null; the model takes INT64 here, which has no word for a missing number",
    ],
    [{ inputs: { ...file.inputs, count: [3, 4.5] } }, "'inputs.count[1]' is 4.5; the model takes INT64"],
    [
      { inputs: { ...file.inputs, city: ["Oslo", null] } },
      "'inputs.city[1]' is null; the model takes text here, \"\" where it is missing",
    ],
    [{ inputs: { ...file.inputs, x: [[1, 2], [3]] } }, "'inputs.x[1]' has 1 values instead of 2"],
    [{ inputs: { ...file.inputs, city: ["Oslo"] } }, "'inputs.city' has 1 entries for 2 rows"],
    [{ outputs: { score: [1, 2] } }, "'outputs.score' is no output of the model, which gives label, probabilities"],
    [{ outputs: { label: [1] } }, "'outputs.label' has 1 entries for 2 rows"],
    [
      {
        outputs: {
          probabilities: [
            [0.2, 0.8],
            [null, 1],
          ],
        },
      },
      "'outputs.probabilities[1]' is null",
    ],
    [{ outputs: { probabilities: [[0.2, 0.8], [1]] } }, "'outputs.probabilities[1]' has 1 values instead of 2"],
    [{ outputs: {} }, "'outputs' names no output"],
    [{ tolerance: { absolute: 0.5 } }, "'tolerance.absolute' may be 0.01 at most"],
    [{ inputs: {} }, "'inputs' names no input"],
    [{ inputs: { size: new Array(1001).fill(1) } }, "'inputs.size' has 1001 rows, at most 1000 are kept"],
  ])("%#: says what does not fit, and where", (change, what) => {
    expect(() => read(change)).toThrow(what);
  });

  it("is refused when it is no JSON", () => {
    const golden = '{"inputs": {"size": [NaN]}}';
    expect(() => readGolden({ golden, example: null, source: "golden.json" }, signature)).toThrow("is not JSON");
  });
});

describe("a comparison", () => {
  const golden = read();
  const compare = (label: bigint[], probabilities: number[], rows: Partial<Golden> = {}) =>
    compareGolden({ ...golden, ...rows }, signature, {
      label: BigInt64Array.from(label),
      probabilities: Float32Array.from(probabilities),
    });

  it("agrees within absolute + relative · |expected|, and shows the nearest call", () => {
    const found = compare([1n, 0n], [0.25, 0.75, 0.90005, 0.09995]);
    expect(found).toMatchObject({ state: "agrees", rows: 2, ties: 0 });
    expect(found.worst).toMatchObject({ row: 1, output: "probabilities", index: 1, expected: 0.1 });
    expect(found.worst?.allowed).toBeCloseTo(1e-4 + 1e-6, 12);
  });

  it("names the value that is furthest off, with its inputs", () => {
    const { worst, state } = compare([1n, 0n], [0.26, 0.74, 0.6, 0.4]);
    expect(state).toBe("disagrees");
    expect(worst).toMatchObject({ row: 1, index: 1, inputs: { size: null, count: 4, city: "", x: [3, null] } });
    expect(worst && worstSentence(worst, 2)).toBe(
      'Golden row 2 of 2: the file gives probabilities[1] = 0.4000000059604645, the training framework gave 0.1 (0.3 apart, 0.000101 allowed). Inputs: size = null, count = 4, city = "", x = [3, null].',
    );
  });

  it("takes another class for a disagreement, unless the framework found both equally probable", () => {
    expect(compare([0n, 0n], [0.25, 0.75, 0.9, 0.1])).toMatchObject({
      state: "disagrees",
      worst: { output: "label", row: 0, expected: 1, got: 0, difference: null },
    });
    const even = { outputs: { label: [1, 0], probabilities: [0.49999, 0.50001, 0.9, 0.1] } };
    expect(compare([0n, 0n], [0.50001, 0.49999, 0.9, 0.1], even)).toMatchObject({ state: "agrees", ties: 1 });
    const close = { outputs: { label: [1, 0], probabilities: [0.4999, 0.5001, 0.9, 0.1] } };
    expect(compare([0n, 0n], [0.4999, 0.5001, 0.9, 0.1], close)).toMatchObject({ state: "disagrees", ties: 0 });
  });

  it("is never fooled by NaN, and reads one column of two classes", () => {
    expect(compare([1n, 0n], [Number.NaN, 0.75, 0.9, 0.1])).toMatchObject({
      state: "disagrees",
      worst: { got: "NaN", difference: null },
    });
    expect(compare([1n, 0n], [0.75, 0.1])).toMatchObject({ state: "agrees" });
    expect(compare([1n, 0n], [0.25, 0.9])).toMatchObject({ state: "disagrees" });
    expect(() => compare([1n, 0n], [0.1, 0.2, 0.7, 0.3, 0.3, 0.4])).toThrow(
      "has 3 values per row, the golden rows have 2",
    );
  });

  it("keeps a version from promotion while it waits and when it disagrees", () => {
    const summary = { ...golden, inputs: [], outputs: [], sha256: "", check: null };
    expect(goldenReasons(null)).toEqual([]);
    expect(goldenReasons(summary)[0]).toContain("are being compared");
    const check = { ...compare([0n, 0n], [0.25, 0.75, 0.9, 0.1]), checkedAt: "2026-11-29T00:00:00.000Z" };
    expect(goldenReasons({ ...summary, check })[0]).toContain("Golden row 1 of 2: the file gives label = 0");
    expect(goldenReasons({ ...summary, check: { ...check, state: "agrees" } })).toEqual([]);
  });
});

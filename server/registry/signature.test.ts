import { describe, expect, it } from "vitest";
import {
  compareSignatures,
  featureColumns,
  type ModelSignature,
  servingProblems,
  type TensorSignature,
} from "./signature.ts";

const tensor = (name: string, shape = [-1, 1], datatype: TensorSignature["datatype"] = "FP32"): TensorSignature => ({
  name,
  datatype,
  shape,
  symbols: shape.map(() => null),
});
const base: ModelSignature = {
  inputs: [tensor("a"), tensor("b")],
  outputs: [tensor("label", [-1], "BYTES"), tensor("probabilities", [-1, 2])],
  opset: [{ domain: "", version: 17 }],
  irVersion: 8,
  producer: { name: "p", version: "1" },
  metadata: {},
  task: "classification",
  classes: ["no", "yes"],
  positive: "yes",
  labelColumn: null,
  roles: { label: "label", probabilities: "probabilities" },
};
const diff = (change: Partial<ModelSignature>) =>
  compareSignatures(base, { ...base, ...change }).map(
    (d) => `${d.breaking ? "breaking" : "compatible"} ${d.part} ${d.name ?? "-"}`,
  );

describe("comparing signatures", () => {
  it("finds none between equal ones, in any order of inputs", () => {
    expect(diff({ inputs: [tensor("b"), tensor("a")], irVersion: 9, producer: { name: "q", version: "2" } })).toEqual(
      [],
    );
  });
  it("breaks on inputs that today's requests do not match", () => {
    expect(diff({ inputs: [tensor("a"), tensor("c")] })).toEqual(["breaking input b", "breaking input c"]);
    expect(diff({ inputs: [tensor("a"), tensor("b", [-1, 1], "INT64")] })).toEqual(["breaking input b"]);
    expect(diff({ inputs: [tensor("a"), tensor("b", [-1, 2])] })).toEqual(["breaking input b"]);
    expect(diff({ inputs: [tensor("a"), tensor("b", [1, 1])] })).toEqual(["breaking input b"]);
  });
  it("allows an input to accept more", () => {
    expect(diff({ inputs: [tensor("a"), tensor("b", [-1, -1])] })).toEqual(["compatible input b"]);
  });
  it("breaks on outputs that are gone or change, not on new ones", () => {
    expect(diff({ outputs: [tensor("label", [-1], "INT64"), tensor("probabilities", [-1, 2]), tensor("x")] })).toEqual([
      "breaking output label",
      "compatible output x",
    ]);
    expect(diff({ outputs: [tensor("label", [-1], "BYTES")] })).toEqual(["breaking output probabilities"]);
    expect(diff({ outputs: [tensor("label", [-1], "BYTES"), tensor("probabilities", [-1, 3])] })).toEqual([
      "breaking output probabilities",
    ]);
    expect(diff({ outputs: [tensor("label", [-1], "BYTES"), tensor("probabilities", [-1, -1])] })).toEqual([
      "compatible output probabilities",
    ]);
  });
  it("breaks when the classes mean something else", () => {
    expect(diff({ classes: ["yes", "no"] })).toEqual(["breaking classes -"]);
    expect(diff({ classes: ["no", "yes", "perhaps"] })).toEqual(["breaking classes -"]);
    expect(diff({ positive: "no" })).toEqual(["breaking classes -"]);
    expect(diff({ classes: null })).toEqual(["compatible classes -"]);
    expect(diff({ task: "regression" })).toEqual(["breaking task -"]);
  });
  it("speaks in sentences with both values", () => {
    const [first] = compareSignatures(base, { ...base, classes: ["yes", "no"] });
    expect(first?.sentence).toBe("The columns of the probabilities change their order from no, yes to yes, no.");
  });
});

describe("feature columns", () => {
  it("keeps the order and names the columns of a wide input", () => {
    const inputs = [tensor("city", [-1, 1], "BYTES"), tensor("x", [-1, 3]), tensor("flag", [-1, 1], "BOOL")];
    expect(featureColumns({ inputs })).toEqual({ numbers: ["x[0]", "x[1]", "x[2]", "flag"], categories: ["city"] });
  });
});

describe("what cannot be served", () => {
  it("names open widths, fixed batches and bfloat16", () => {
    expect(servingProblems(base)).toEqual([]);
    const problems = servingProblems({
      inputs: [tensor("a", [1, 4]), tensor("b", [-1, -1]), tensor("c", [-1, 1], "BF16"), tensor("d", [-1, 1], "FP16")],
      outputs: [],
    });
    expect(problems.map((p) => p.slice(0, 11))).toEqual(["Input 'a' o", "Input 'b' o", "'c' is BF16"]);
    expect(servingProblems({ inputs: [], outputs: [] })).toHaveLength(1);
  });
});

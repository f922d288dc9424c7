import { createHash } from "node:crypto";
import { ModelSignature } from "#server/registry/contract.ts";
import { onnxTypes } from "../onnx-graph.ts";

/** Values per row, unless said otherwise. */
const WIDTH = 8;

/**
 * An ONNX file with a regression forest of complete trees over one input `x` [rows, width]; its output `value` is the number of trees times
 * `leaf`, whatever the input. Slow to load, as real forests are: 500 trees of depth 8 are about 11 MB.
 *
 * @param copied with a node that copies the output, so that the graph is more than a forest and ONNX Runtime must run it.
 */
export function forestFile(
  trees: number,
  depth: number,
  leaf: number,
  { width = WIDTH, copied = false }: { readonly width?: number; readonly copied?: boolean } = {},
): Uint8Array {
  const perTree = 2 ** (depth + 1) - 1;
  const inner = 2 ** depth - 1;
  const nodes = Array.from({ length: trees * perTree }, (_, i) => ({
    tree: Math.floor(i / perTree),
    node: i % perTree,
  }));
  const leaves = nodes.filter(({ node }) => node >= inner);
  const ints = (name: string, values: number[]) => ({ name, ints: values, type: 7 });
  const floats = (name: string, values: number[]) => ({ name, floats: values, type: 6 });
  const strings = (name: string, values: string[]) => ({ name, strings: values, type: 8 });
  const value = (name: string, values: number) => ({
    name,
    type: { tensor: { elemType: 1, shape: { dim: [{ name: "rows" }, { value: values }] } } },
  });
  const attribute = [
    ints(
      "nodes_treeids",
      nodes.map(({ tree }) => tree),
    ),
    ints(
      "nodes_nodeids",
      nodes.map(({ node }) => node),
    ),
    ints(
      "nodes_featureids",
      nodes.map(({ node }) => (node < inner ? node % width : 0)),
    ),
    floats(
      "nodes_values",
      nodes.map(({ tree, node }) => Math.sin(tree * 7 + node)),
    ),
    strings(
      "nodes_modes",
      nodes.map(({ node }) => (node < inner ? "BRANCH_LEQ" : "LEAF")),
    ),
    ints(
      "nodes_truenodeids",
      nodes.map(({ node }) => (node < inner ? 2 * node + 1 : 0)),
    ),
    ints(
      "nodes_falsenodeids",
      nodes.map(({ node }) => (node < inner ? 2 * node + 2 : 0)),
    ),
    ints(
      "target_treeids",
      leaves.map(({ tree }) => tree),
    ),
    ints(
      "target_nodeids",
      leaves.map(({ node }) => node),
    ),
    ints(
      "target_ids",
      leaves.map(() => 0),
    ),
    floats(
      "target_weights",
      leaves.map(() => leaf),
    ),
    { name: "n_targets", i: 1, type: 2 },
  ];
  const sum = copied ? "sum" : "value";
  const node = [
    { input: ["x"], output: [sum], opType: "TreeEnsembleRegressor", domain: "ai.onnx.ml", attribute },
    ...(copied ? [{ input: [sum], output: ["value"], opType: "Identity" }] : []),
  ];
  const graph = { name: "forest", node, input: [value("x", width)], output: [value("value", 1)] };
  const opset = [
    { domain: "", version: 17 },
    { domain: "ai.onnx.ml", version: 3 },
  ];
  const model = onnxTypes.lookupType("Model");
  return model.encode(model.fromObject({ irVersion: 8, graph, opset })).finish();
}

/** What a runtime is told of a forest that was written to `path`. */
export function forestSource(path: string, file: Uint8Array) {
  const tensor = (name: string, width: number) => ({
    name,
    datatype: "FP32",
    shape: [-1, width],
    symbols: ["rows", null],
  });
  return {
    path,
    sha256: createHash("sha256").update(file).digest("hex"),
    signature: ModelSignature.parse({
      inputs: [tensor("x", WIDTH)],
      outputs: [tensor("value", 1)],
      opset: [{ domain: "", version: 17 }],
      irVersion: 8,
      producer: { name: "", version: "" },
      metadata: {},
      task: "regression",
      classes: null,
      positive: null,
      labelColumn: null,
      roles: { value: "value" },
    }),
  };
}

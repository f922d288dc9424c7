import type { Attributes, OnnxNode } from "./onnx-graph.ts";
import type { ForestOutput } from "./plan.ts";

/** More than the nodes of any tree of a file that is read. */
const NODES = 2 ** 27;

/** One number for a node, by the numbers that the file gives its tree and it; NaN where it gives none. */
export function nodeKey(tree = Number.NaN, node = Number.NaN): number {
  return node >= 0 && node < NODES ? tree * NODES + node : Number.NaN;
}

/** What the leaves add, and what becomes of it. */
export interface Sums {
  readonly targets: number;
  readonly leaves: Float32Array<ArrayBuffer>;
  /** Where each leaf's sums stand in `leaves`. */
  readonly at: ReadonlyMap<number, number>;
  readonly output: ForestOutput;
}

/** Returns null where a leaf leaves a target out or adds to it twice, and where the end is no plain sum. */
export function sumsOf(node: OnnxNode, attributes: Attributes): Sums | null {
  if ((attributes.get("post_transform")?.s ?? "NONE") !== "NONE") return null;
  if (node.opType === "TreeEnsembleRegressor") return regressionOf(node, attributes);
  return node.opType === "TreeEnsembleClassifier" ? classesOf(node, attributes) : null;
}

function regressionOf({ output: [name] }: OnnxNode, attributes: Attributes): Sums | null {
  const how = attributes.get("aggregate_function")?.s ?? "SUM";
  const targets = attributes.get("n_targets")?.i ?? 1;
  const base = attributes.get("base_values")?.floats ?? [];
  const isKnown = how === "SUM" || how === "AVERAGE";
  if (!name || !isKnown || ![0, targets].includes(base.length)) return null;
  const divisor = how === "AVERAGE" ? new Set(attributes.get("nodes_treeids")?.ints).size : 1;
  const sums = leavesOf(attributes, "target", targets);
  return (
    sums && { ...sums, output: { kind: "values", name, divisor, base: base.length ? new Float32Array(base) : null } }
  );
}

/** Of two classes the converters write one sum, that of the second, which is never below zero; of more they write a sum for each. */
function classesOf({ output: [label, probabilities] }: OnnxNode, attributes: Attributes): Sums | null {
  const numbers = attributes.get("classlabels_int64s")?.ints ?? [];
  const names = attributes.get("classlabels_strings")?.strings ?? [];
  const classes = numbers.length > 0 ? BigInt64Array.from(numbers, BigInt) : names;
  if (!label || !probabilities || classes.length < 2 || !numbers.every((each) => Number.isSafeInteger(each)))
    return null;
  if (attributes.has("base_values")) return null;
  const binary = classes.length === 2;
  const sums = leavesOf(attributes, "class", binary ? 1 : classes.length);
  if (!sums || (binary && !sums.leaves.every((weight) => weight >= 0))) return null;
  return { ...sums, output: { kind: "classes", label, probabilities, classes, binary } };
}

function leavesOf(attributes: Attributes, of: "target" | "class", targets: number): Omit<Sums, "output"> | null {
  const ints = (name: string) => attributes.get(`${of}_${name}`)?.ints ?? [];
  const [trees, nodes, ids] = [ints("treeids"), ints("nodeids"), ints("ids")];
  const weights = attributes.get(`${of}_weights`)?.floats ?? [];
  const at = new Map<number, number>();
  const leaves = new Float32Array(weights.length);
  const given = new Uint8Array(weights.length);
  for (const [i, weight] of weights.entries()) {
    const leaf = nodeKey(trees[i], nodes[i]);
    const from = at.get(leaf) ?? at.size * targets;
    at.set(leaf, from);
    const target = ids[i] ?? -1;
    if (target < 0 || target >= targets || given[from + target] !== 0) return null;
    given[from + target] = 1;
    leaves[from + target] = weight;
  }
  return given.every((each) => each === 1) ? { targets, leaves, at } : null;
}

import { layOut } from "./lay-out.ts";
import { readOneNode } from "./onnx-graph.ts";
import type { ForestPlan } from "./plan.ts";
import { sumsOf } from "./sums.ts";

/** Larger files are not tried: reading one takes some 30 times its size in memory for a moment, and a process that starts loads many. */
const FILE_BYTES = 6 * 1024 * 1024;
const OPERATORS = ["TreeEnsembleRegressor", "TreeEnsembleClassifier"];
/** What the operators' attributes may be called; one that is not among them could change the answer. nodes_hitrates does not. */
const KNOWN: ReadonlySet<string> = new Set([
  ...["treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids", "hitrates"].map(
    (name) => `nodes_${name}`,
  ),
  "nodes_missing_value_tracks_true",
  ...["target", "class"].flatMap((of) => ["treeids", "nodeids", "ids", "weights"].map((name) => `${of}_${name}`)),
  ...["n_targets", "aggregate_function", "base_values", "post_transform", "classlabels_int64s", "classlabels_strings"],
]);
/** TensorProto.DataType of float32. */
const FLOAT = 1;

/**
 * Reads a forest out of an ONNX file whose whole graph is one TreeEnsembleRegressor or TreeEnsembleClassifier over float32, as the converters of
 * scikit-learn write forests and boosted regressions (github.com/onnx/onnx/blob/main/docs/Operators-ml.md).
 *
 * @returns null for every other file, and for a forest whose answers are more than the sums of its trees in their order.
 */
export function readForest(file: Uint8Array): ForestPlan | null {
  const graph = file.byteLength > FILE_BYTES ? null : readOneNode(file, OPERATORS);
  const [node, input] = [graph?.node[0], graph?.input[0]];
  if (!graph || !node || !input) return null;
  const { elemType, shape } = input.type.tensor;
  const width = shape.dim[1]?.value ?? 0;
  const fed = graph.input.length === 1 && node.input.length === 1 && node.input[0] === input.name;
  if (!fed || graph.initializer.length > 0 || elemType !== FLOAT || shape.dim.length !== 2 || width < 1) return null;
  const attributes = new Map(node.attribute.map((each) => [each.name, each]));
  if (node.attribute.some(({ name }) => !KNOWN.has(name))) return null;
  const sums = sumsOf(node, attributes);
  const trees = sums && layOut(attributes, sums.at, width);
  if (!sums || !trees) return null;
  const { targets, leaves, output } = sums;
  return { input: input.name, width, ...trees, targets, leaves, output };
}

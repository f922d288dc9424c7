import type { Attributes } from "./onnx-graph.ts";
import { type ForestPlan, STRIDE } from "./plan.ts";
import { type Split, splitOf } from "./split.ts";
import { nodeKey } from "./sums.ts";

/** The nodes of a file, by their place in the lists of its attributes. */
interface Listed {
  readonly trees: readonly number[];
  /** The place in a row that a node looks at. */
  readonly features: readonly number[];
  readonly splits: readonly (Split | null)[];
  /** Where a leaf's sums stand; absent for inner nodes. */
  readonly sumsAt: readonly (number | undefined)[];
  readonly child: (node: number, side: "true" | "false") => number;
}

/**
 * Lays the trees out as ForestPlan says, in the order of the file.
 * Returns null when nodes are repeated or missing, look at no value of a row, or compare in a way that splitOf does not know.
 *
 * @param at where the sums of each leaf stand.
 * @param width values per row.
 */
export function layOut(
  attributes: Attributes,
  at: ReadonlyMap<number, number>,
  width: number,
): Pick<ForestPlan, "nodes" | "roots" | "depths" | "mirrored"> | null {
  const listed = list(attributes, at);
  if (!listed) return null;
  const { trees, features, splits } = listed;
  if (features.some((feature, i) => splits[i] && !(feature >= 0 && feature < width))) return null;
  const nodes = new Int32Array(trees.length * STRIDE);
  // ONNX Runtime begins a tree wherever the number changes: one that comes back would be two.
  const changes = trees.filter((tree, i) => tree !== trees[i - 1]);
  if (new Set(changes).size < changes.length || changes.some((tree) => tree < 0)) return null;
  const starts = new Map(trees.map((tree, i) => [tree, i] as const).reverse());
  const order = changes.map((tree) => starts.get(tree) ?? 0);
  const [roots, depths] = [new Int32Array(order.length), new Int32Array(order.length)];
  let next = 0;
  for (const [tree, root] of order.entries()) {
    roots[tree] = next * STRIDE;
    const placed = placeTree(listed, root, { nodes, next, width });
    if (!placed) return null;
    ({ next } = placed);
    depths[tree] = placed.depth;
  }
  return { nodes, roots, depths, mirrored: splits.some((split) => split?.negated) };
}

function list(attributes: Attributes, at: ReadonlyMap<number, number>): Listed | null {
  const ints = (name: string) => attributes.get(`nodes_${name}`)?.ints ?? [];
  const [trees, ids, missing] = [ints("treeids"), ints("nodeids"), ints("missing_value_tracks_true")];
  const modes = attributes.get("nodes_modes")?.strings ?? [];
  const values = attributes.get("nodes_values")?.floats ?? [];
  const places = new Map(ids.map((id, i) => [nodeKey(trees[i], id), i]));
  const whole = places.size === ids.length && !places.has(Number.NaN) && modes.length === ids.length;
  if (ids.length === 0 || !whole || trees.length !== ids.length) return null;
  const sides = { true: ints("truenodeids"), false: ints("falsenodeids") };
  return {
    trees,
    features: ints("featureids"),
    splits: modes.map((mode, i) => splitOf(mode, values[i] ?? Number.NaN, missing[i] === 1)),
    sumsAt: modes.map((mode, i) => (mode === "LEAF" ? at.get(nodeKey(trees[i], ids[i])) : undefined)),
    child: (node, side) => places.get(nodeKey(trees[node], sides[side][node])) ?? -1,
  };
}

/** Writes the nodes of one tree, level by level and the children of a node side by side. `next`: where nodes are free. */
function placeTree(
  { features, splits, sumsAt, child }: Listed,
  root: number,
  { nodes, next, width }: { nodes: Int32Array; next: number; width: number },
): { next: number; depth: number } | null {
  const thresholds = new Float32Array(nodes.buffer);
  let level = [{ node: root, word: next * STRIDE }];
  let free = (next + 1) * STRIDE;
  for (let depth = 0; ; depth += 1) {
    const below: typeof level = [];
    for (const { node, word } of level) {
      const split = splits[node];
      const sums = sumsAt[node];
      if (split) {
        // Only nodes that are reached twice need more room than there are nodes.
        if (free + 2 * STRIDE > nodes.length) return null;
        const [first, second] = [child(node, split.second === "true" ? "false" : "true"), child(node, split.second)];
        nodes[word] = (features[node] ?? 0) + (split.negated ? width : 0);
        thresholds[word + 1] = split.threshold;
        nodes[word + 2] = free;
        below.push({ node: first, word: free }, { node: second, word: free + STRIDE });
        free += 2 * STRIDE;
      } else if (sums === undefined) {
        return null;
      } else {
        thresholds[word + 1] = Number.NaN;
        nodes[word + 2] = word;
        nodes[word + 3] = sums;
      }
    }
    if (below.length === 0) return { next: free / STRIDE, depth };
    level = below;
  }
}

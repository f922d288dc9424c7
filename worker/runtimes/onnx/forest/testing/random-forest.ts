import { onnxTypes } from "../onnx-graph.ts";

/** Numbers from 0 up to 1, the same for the same seed (mulberry32, public domain). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a forest made for a test is like; what is not said is as the converter of scikit-learn writes a regression forest. */
export interface Wanted {
  readonly seed: number;
  readonly trees?: number;
  readonly depth?: number;
  readonly width?: number;
  readonly modes?: readonly string[];
  /** Share of inner nodes at which a missing value goes where the comparison holds. */
  readonly missingTrue?: number;
  readonly targets?: number;
  readonly average?: boolean;
  readonly base?: readonly number[];
  /** A classifier with these names or numbers instead. */
  readonly classes?: readonly string[] | readonly number[];
  readonly transform?: string;
}

/** Thresholds between which rows of a test are drawn, so that many are met exactly. */
export const THRESHOLDS = [-1.5, -0.1, 0, 0.1, 0.5, 1, 3.25] as const;

/** An ONNX file with one forest of uneven trees whose nodes stand in no order; input `x`, output `y`, or `label` and `probabilities`. */
export function randomForestFile(wanted: Wanted): Uint8Array {
  const { classes, width = 4 } = wanted;
  const binary = classes?.length === 2;
  const targets = binary ? 1 : (classes?.length ?? wanted.targets ?? 1);
  const grown = grow({ ...wanted, targets }, width);
  const attribute = [...nodeAttributes(grown.nodes), ...endOf(wanted, grown.leaves, targets)];
  const names = classes ? ["label", "probabilities"] : ["y"];
  const value = (name: string, elemType: number, values?: number) => ({
    name,
    type: {
      tensor: { elemType, shape: { dim: [{ name: "rows" }, ...(values === undefined ? [] : [{ value: values }])] } },
    },
  });
  const label = typeof classes?.[0] === "string" ? 8 : 7;
  const graph = {
    name: "random",
    node: [
      {
        input: ["x"],
        output: names,
        opType: classes ? "TreeEnsembleClassifier" : "TreeEnsembleRegressor",
        domain: "ai.onnx.ml",
        attribute,
      },
    ],
    input: [value("x", 1, width)],
    output: classes ? [value("label", label), value("probabilities", 1, classes.length)] : [value("y", 1, targets)],
  };
  const opset = [
    { domain: "", version: 17 },
    { domain: "ai.onnx.ml", version: 3 },
  ];
  const model = onnxTypes.lookupType("Model");
  return model.encode(model.fromObject({ irVersion: 8, graph, opset })).finish();
}

interface GrownNode {
  readonly tree: number;
  readonly id: number;
  readonly feature: number;
  readonly value: number;
  readonly mode: string;
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly missingTrue: number;
}
interface GrownLeaf {
  readonly tree: number;
  readonly node: number;
  readonly target: number;
  readonly weight: number;
}

function grow(wanted: Wanted & { readonly targets: number }, width: number) {
  const { trees = 9, depth = 5, modes = ["BRANCH_LEQ"], missingTrue = 0, classes, targets } = wanted;
  const random = randomOf(wanted.seed);
  const nodes: GrownNode[] = [];
  const leaves: GrownLeaf[] = [];
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  for (let tree = 0; tree < trees; tree += 1) {
    let last = 0;
    const add = (level: number): number => {
      const id = last;
      last += 1;
      if (level === 0 || (level < depth && random() < 0.15)) {
        nodes.push({ tree, id, feature: 0, value: 0, mode: "LEAF", ifTrue: 0, ifFalse: 0, missingTrue: 0 });
        for (let target = 0; target < targets; target += 1)
          leaves.push({ tree, node: id, target, weight: classes ? random() / trees : random() * 10 - 5 });
        return id;
      }
      const at = nodes.length;
      const place = { tree, id, feature: Math.floor(random() * width), value: pick(THRESHOLDS), mode: pick(modes) };
      nodes.push({ ...place, ifTrue: 0, ifFalse: 0, missingTrue: 0 });
      const [ifTrue, ifFalse] = [add(level - 1), add(level - 1)];
      nodes[at] = { ...place, ifTrue, ifFalse, missingTrue: Number(random() < missingTrue) };
      return id;
    };
    add(depth);
  }
  return { nodes, leaves };
}

const ints = (name: string, values: readonly number[]) => ({ name, ints: values, type: 7 });
const floats = (name: string, values: readonly number[]) => ({ name, floats: values, type: 6 });
const strings = (name: string, values: readonly string[]) => ({ name, strings: values, type: 8 });

function nodeAttributes(nodes: readonly GrownNode[]) {
  const column = (name: string, read: (node: GrownNode) => number) => ints(`nodes_${name}`, nodes.map(read));
  return [
    column("treeids", (node) => node.tree),
    column("nodeids", (node) => node.id),
    column("featureids", (node) => node.feature),
    column("truenodeids", (node) => node.ifTrue),
    column("falsenodeids", (node) => node.ifFalse),
    column("missing_value_tracks_true", (node) => node.missingTrue),
    floats(
      "nodes_values",
      nodes.map((node) => node.value),
    ),
    strings(
      "nodes_modes",
      nodes.map((node) => node.mode),
    ),
  ];
}

function endOf(wanted: Wanted, leaves: readonly GrownLeaf[], targets: number) {
  const of = wanted.classes ? "class" : "target";
  const { classes, transform, average, base } = wanted;
  const column = (name: string, read: (leaf: GrownLeaf) => number) => ints(`${of}_${name}`, leaves.map(read));
  const text = (name: string, s: string) => ({ name, s, type: 3 });
  const isNamed = typeof classes?.[0] === "string";
  return [
    column("treeids", (leaf) => leaf.tree),
    column("nodeids", (leaf) => leaf.node),
    column("ids", (leaf) => leaf.target),
    floats(
      `${of}_weights`,
      leaves.map((leaf) => leaf.weight),
    ),
    ...(classes && isNamed ? [strings("classlabels_strings", classes as readonly string[])] : []),
    ...(classes && !isNamed ? [ints("classlabels_int64s", classes as readonly number[])] : []),
    ...(classes ? [] : [{ name: "n_targets", i: targets, type: 2 }]),
    ...(average ? [text("aggregate_function", "AVERAGE")] : []),
    ...(transform ? [text("post_transform", transform)] : []),
    ...(base ? [floats("base_values", base)] : []),
  ];
}

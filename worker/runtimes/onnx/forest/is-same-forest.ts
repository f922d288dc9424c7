import type { OrtSession } from "../ort.ts";
import type { Outputs, TensorData } from "../tensors.ts";
import { STRIDE, type ForestPlan } from "./plan.ts";
import { openForest } from "./run-forest.ts";
import { floatAbove } from "./split.ts";

/** Rows of each run: alone, a few, a full batch. ONNX Runtime adds up in another place for each. */
const BATCHES = [1, 7, 64, 64, 64, 64] as const;
/** Of four values one is odd, however many thresholds there are. */
const ODD_SHARE = 0.25;
const ODD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 3.4e38, -3.4e38, 1e-45];

/**
 * Whether a plan answers as ONNX Runtime does, bit for bit, where they could differ first: each value of a row is a threshold at which some node looks at it,
 * the float above or below, or one of the odd numbers.
 */
export async function isSameForest(plan: ForestPlan, session: Pick<OrtSession, "run">): Promise<boolean> {
  const run = openForest(plan);
  const wanted = plan.output.kind === "values" ? [plan.output.name] : [plan.output.label, plan.output.probabilities];
  const value = valuesOf(plan);
  for (const rows of BATCHES) {
    const data = Float32Array.from({ length: rows * plan.width }, (_, i) => value(i % plan.width));
    const feeds = [{ name: plan.input, datatype: "FP32" as const, dims: [rows, plan.width], data }];
    if (!isSame(run(feeds, wanted), await session.run(feeds, wanted), wanted)) return false;
  }
  return true;
}

/** What gives a value to try at a place of a row. The same values each time: a model is not to be refused on one machine and taken on another. */
function valuesOf({ nodes, width }: ForestPlan): (place: number) => number {
  const thresholds = new Float32Array(nodes.buffer);
  const tried: number[][] = Array.from({ length: width }, () => [0]);
  for (let node = 0; node < nodes.length; node += STRIDE) {
    const [place, at] = [nodes[node] ?? 0, thresholds[node + 1] ?? 0];
    if (Number.isNaN(at)) continue;
    const threshold = place < width ? at : -at;
    tried[place % width]?.push(threshold, floatAbove(threshold), -floatAbove(-threshold));
  }
  let seed = 1;
  const random = () => {
    // Numerical Recipes' linear congruence; its high bits are the good ones.
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  return (place) => {
    const values = random() < ODD_SHARE ? ODD : (tried[place] ?? ODD);
    return values[Math.floor(random() * values.length)] ?? 0;
  };
}

function isSame(mine: Outputs, theirs: Outputs, wanted: readonly string[]): boolean {
  return wanted.every((name) => {
    const [a, b] = [mine[name], theirs[name]];
    return a && b && a.dims.join() === b.dims.join() && areSame(a.data, b.data);
  });
}

function areSame(a: TensorData, b: TensorData): boolean {
  return a.length === b.length && Array.from<unknown>(a).every((value, i) => Object.is(value, b[i]));
}

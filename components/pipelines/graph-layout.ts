import { Graph, layout } from "@dagrejs/dagre";

/** A step as the graph draws it: one box, with a line per cell of its matrix. */
export interface GraphStep {
  readonly id: string;
  readonly kind: "run" | "register" | "score";
  /** Null in a preview, where nothing runs. */
  readonly status: string | null;
  readonly cells: readonly GraphCell[];
  readonly durationMs: number | null;
  readonly medianMs: number | null;
  /** ISO time; a running step counts from here. */
  readonly startedAt: string | null;
  /** One line at the foot: what its gate asks or found. */
  readonly note: string | null;
}

export interface GraphCell {
  readonly key: string;
  readonly status: string | null;
}

export interface Placed {
  readonly step: GraphStep;
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

export const NODE_WIDTH = 190;
const HEAD = 48;
const LINE = 24;
const PADDING = 6;
/** More cells than this are counted, not drawn. */
export const MOST_CELLS = 6;

/** Height of a step's box in pixels. */
export function nodeHeight(step: GraphStep): number {
  const lines =
    Math.min(step.cells.length, MOST_CELLS) + (step.cells.length > MOST_CELLS ? 1 : 0) + (step.note ? 1 : 0);
  return HEAD + (lines > 0 ? lines * LINE + PADDING : 0);
}

/** Places the steps from left to right, so that every edge points right; x and y are the top left corners. */
export function placeSteps(steps: readonly GraphStep[], edges: readonly (readonly [string, string])[]): Placed[] {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 20, ranksep: 40, marginx: 0, marginy: 0 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const step of steps) graph.setNode(step.id, { width: NODE_WIDTH, height: nodeHeight(step) });
  for (const [from, to] of edges) graph.setEdge(from, to);
  layout(graph);
  return steps.map((step) => {
    const { x, y } = graph.node(step.id) as { x: number; y: number };
    const height = nodeHeight(step);
    return { step, height, x: x - NODE_WIDTH / 2, y: y - height / 2 };
  });
}

/** Edges that another path implies are left out: with a → b → c, a → c says nothing new and crosses the drawing. */
export function essentialEdges(edges: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const children = Map.groupBy(edges, ([from]) => from);
  const reaches = (from: string, to: string, seen: Set<string>): boolean =>
    (children.get(from) ?? []).some(([, next]) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  return edges.filter(
    ([from, to]) =>
      !(children.get(from) ?? []).some(([, other]) => other !== to && reaches(other, to, new Set([other]))),
  );
}

const ORDER = ["failed", "running", "ready", "pending", "cancelled", "skipped", "succeeded"];

/** One state for the cells of a matrix: the one that matters most to whoever watches. */
export function jointStatus(statuses: readonly string[]): string {
  return ORDER.find((status) => statuses.includes(status)) ?? "pending";
}

import type { Complain } from "./pipeline-file.ts";
import type { PipelineSpec } from "./spec.ts";

const MAX_STEP_RUNS = 2000;
const MAX_EDGES = 50_000;

/** Checks the graph as a whole: no circles, and no more step runs and dependencies than one run can hold. */
export function checkGraph(spec: PipelineSpec, complain: Complain): void {
  const cycle = findCycle(new Map(spec.steps.map((step) => [step.id, step.needs])));
  if (cycle) {
    const [first = ""] = cycle;
    complain(
      ["steps", first],
      `The steps wait for each other in a circle: ${[...cycle, first].join(" → ")}.`,
      "Remove one of these dependencies.",
    );
    return;
  }
  const count = new Map(
    spec.steps.map((s) => [s.id, Object.values(s.matrix ?? {}).reduce((n, values) => n * values.length, 1)]),
  );
  const runs = [...count.values()].reduce((sum, n) => sum + n, 0);
  if (runs > MAX_STEP_RUNS)
    complain(
      ["steps"],
      `The file makes ${runs.toLocaleString("en")} step runs; at most ${MAX_STEP_RUNS.toLocaleString("en")} are allowed.`,
      "Split the pipeline.",
    );
  for (const step of spec.steps) {
    const edges = step.needs.reduce((sum, id) => sum + (count.get(id) ?? 0), 0) * (count.get(step.id) ?? 0);
    if (edges > MAX_EDGES)
      complain(
        ["steps", step.id],
        `Step '${step.id}' would have ${edges.toLocaleString("en")} dependencies; at most ${MAX_EDGES.toLocaleString("en")} are allowed.`,
        "Put a step without a matrix between the two matrices.",
      );
  }
}

/** The steps of one circle, in the order in which they need each other; null when there is none. */
export function findCycle(needs: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (id: string): string[] | null => {
    const at = path.indexOf(id);
    if (at >= 0) return path.slice(at);
    if (done.has(id)) return null;
    path.push(id);
    for (const parent of needs.get(id) ?? []) {
      const found = visit(parent);
      if (found) return found;
    }
    path.pop();
    done.add(id);
    return null;
  };
  for (const id of needs.keys()) {
    const found = visit(id);
    if (found) return found;
  }
  return null;
}

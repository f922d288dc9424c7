import { formatNumber } from "#components/ui/format.ts";
import type { GateResult, PipelinePreview, RunDetail, StepDto } from "#server/pipelines/contract.ts";
import { type GraphStep, jointStatus } from "./graph-layout.ts";

export interface DrawnGraph {
  readonly steps: readonly GraphStep[];
  readonly edges: readonly (readonly [string, string])[];
}

/** The graph of a pipeline file. */
export function previewGraph(preview: PipelinePreview): DrawnGraph {
  return {
    steps: preview.steps.map((step) => ({
      id: step.id,
      kind: step.kind,
      status: null,
      cells: step.cells.map((key) => ({ key, status: null })),
      durationMs: null,
      medianMs: null,
      startedAt: null,
      note: step.gate,
    })),
    edges: preview.steps.flatMap((step) => step.needs.map((need) => [need, step.id] as const)),
  };
}

const longest = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
};

function gateNote(gate: GateResult): string {
  return `${gate.metric} ${gate.value === null ? "unknown" : formatNumber(gate.value)}, ${gate.passed ? "passed" : "failed"}`;
}

function drawn(id: string, cells: readonly StepDto[]): GraphStep {
  const status = jointStatus(cells.map((cell) => cell.status));
  const [first] = cells;
  const ended = cells.every((cell) => cell.durationMs !== null);
  const started = cells.flatMap((cell) => (cell.startedAt === null ? [] : [cell.startedAt])).sort();
  return {
    id,
    kind: first?.kind ?? "run",
    status,
    cells:
      cells.length === 1 && first?.matrixKey === ""
        ? []
        : cells.map((cell) => ({ key: cell.matrixKey, status: cell.status })),
    // Cells run side by side, so a matrix takes as long as its longest.
    durationMs: ended ? longest(cells.map((cell) => cell.durationMs)) : null,
    medianMs: longest(cells.map((cell) => cell.medianMs)),
    startedAt: status === "running" ? (started[0] ?? null) : null,
    note: first?.gate ? gateNote(first.gate) : null,
  };
}

/** The graph of a run, the cells of a matrix drawn as one step. */
export function runGraph(run: RunDetail): DrawnGraph {
  const nameOf = new Map(run.stepRuns.map((step) => [step.id, step.name]));
  const edges = new Map<string, readonly [string, string]>();
  for (const [parent, child] of run.edges) {
    const [from, to] = [nameOf.get(parent), nameOf.get(child)];
    if (from !== undefined && to !== undefined) edges.set(`${from} ${to}`, [from, to]);
  }
  const steps = [...Map.groupBy(run.stepRuns, (step) => step.name)].map(([id, cells]) => drawn(id, cells));
  return { steps, edges: [...edges.values()] };
}

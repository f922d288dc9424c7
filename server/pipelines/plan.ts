import { uuidv7 } from "#server/kernel/ids.ts";
import { type Cell, cellsOf, type PipelineSpec, type StepSpec } from "./spec.ts";

export interface PlannedStep {
  readonly id: string;
  readonly spec: StepSpec;
  readonly cell: Cell;
  /** In the order of the file; the cells of a matrix one after the other. */
  readonly position: number;
}

export interface Plan {
  readonly steps: readonly PlannedStep[];
  readonly edges: readonly { readonly parentId: string; readonly childId: string }[];
}

/** The graph of a run: one node per step and cell, and an edge from every cell of a needed step. */
export function planRun(spec: PipelineSpec): Plan {
  const steps: PlannedStep[] = [];
  for (const step of spec.steps)
    for (const cell of cellsOf(step.matrix)) steps.push({ id: uuidv7(), spec: step, cell, position: steps.length });
  const byStep = Map.groupBy(steps, (step) => step.spec.id);
  const edges = steps.flatMap((child) =>
    child.spec.needs.flatMap((id) =>
      (byStep.get(id) ?? []).map((parent) => ({ parentId: parent.id, childId: child.id })),
    ),
  );
  return { steps, edges };
}

import type { FileProblemDto, PipelinePreview } from "./contract.ts";
import { parsePipelineFile } from "./pipeline-file.ts";
import { type Bound, cellsOf, datasetReference, type GateSpec, type PipelineSpec } from "./spec.ts";
import { builtInText, commandText } from "./step-dtos.ts";

const boundText = (bound: Bound): string => (typeof bound === "number" ? String(bound) : `\${params.${bound.param}}`);

function gateText(gate: GateSpec): string {
  const sides = [
    gate.min === null ? "" : `at least ${boundText(gate.min)}`,
    gate.max === null ? "" : `at most ${boundText(gate.max)}`,
  ];
  return `${gate.metric} ${sides.filter(Boolean).join(" and ")}`;
}

function previewOf(spec: PipelineSpec): PipelinePreview {
  const sources = spec.steps.flatMap((step) => Object.values(step.inputs).filter((input) => input.kind === "dataset"));
  const datasets = new Map(sources.map((source) => [datasetReference(source), source]));
  return {
    name: spec.name,
    params: Object.entries(spec.params).map(([name, value]) => ({ name, value })),
    python: spec.env?.python ?? null,
    datasets: [...datasets].map(([reference, source]) => ({ reference, name: source.name, version: source.version })),
    steps: spec.steps.map((step) => ({
      id: step.id,
      kind: step.kind,
      needs: step.needs,
      cells: cellsOf(step.matrix)
        .map((cell) => cell.key)
        .filter(Boolean),
      command: builtInText(step) ?? commandText(step.command),
      gate: step.gate ? gateText(step.gate) : null,
    })),
  };
}

/** A pipeline file as a page shows it: its graph and parameters, or what is wrong with it and where. */
export function previewFile(text: string): { preview: PipelinePreview | null; problems: readonly FileProblemDto[] } {
  const { spec, problems } = parsePipelineFile(text);
  return { preview: spec ? previewOf(spec) : null, problems };
}

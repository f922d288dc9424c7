import type { PinnedDataset, RunTrigger } from "./contract.ts";
import type { PipelineSpec, Scalar, StepSpec } from "./spec.ts";

// Only insertRun writes these columns, from these very types; they are read back as what they were.

export const specOfRow = (value: unknown): PipelineSpec => value as PipelineSpec;
export const stepSpecOfRow = (value: unknown): StepSpec => value as StepSpec;
export const paramsOfRow = (value: unknown): Readonly<Record<string, Scalar>> => value as Record<string, Scalar>;
export const datasetsOfRow = (value: unknown): Readonly<Record<string, PinnedDataset>> =>
  value as Record<string, PinnedDataset>;
export const triggerOfRow = (value: unknown): RunTrigger => value as RunTrigger;

/** What a step is called outside its run, with its cell: "train (algo=gbm)". */
export function stepLabel({ name, matrixKey }: { readonly name: string; readonly matrixKey: string }): string {
  return matrixKey === "" ? name : `${name} (${matrixKey})`;
}

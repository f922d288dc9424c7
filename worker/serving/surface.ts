import type { PlanEntry } from "#server/serving/contract.ts";
import { type Cells, compileTable, type Table } from "./forms/table.ts";
import { type AnswerWriter, compileAnswer } from "./infer-answer.ts";
import { compileReader, type InferReader } from "./infer-request.ts";

/** How requests of a version are read and its answers written: everything that follows from its signature, prepared once. */
export interface Surface {
  readonly endpoint: string;
  readonly entry: PlanEntry;
  readonly reader: InferReader;
  /** Sorts rows and columns into the inputs, for the forms that are tables. */
  readonly table: (cells: Cells) => Table;
  readonly writeAnswer: AnswerWriter;
  /** All outputs, in the order of the signature. */
  readonly outputs: readonly string[];
  /** The outputs with a meaning: computed for every request, because predictions are logged. */
  readonly meaningful: readonly string[];
  /** Those of them that must be numbers: probabilities and predicted values. */
  readonly numeric: readonly string[];
}

/** Throws RangeError for a signature with tensors that cannot be run (servingProblems says so before). */
export function compileSurface(endpoint: string, entry: PlanEntry): Surface {
  const { signature } = entry;
  const { label, probabilities, value } = signature.roles;
  return {
    endpoint,
    entry,
    reader: compileReader(signature),
    table: compileTable(signature),
    writeAnswer: compileAnswer(endpoint, entry.version, signature),
    outputs: signature.outputs.map((output) => output.name),
    meaningful: [label, probabilities, value].filter((name) => name !== undefined),
    numeric: [probabilities, value].filter((name) => name !== undefined),
  };
}

import type { Word } from "./words.ts";

export type Scalar = string | number | boolean;
export const RETRY_CAUSES = ["lost", "oom", "timeout", "failed"] as const;
export type RetryCause = (typeof RETRY_CAUSES)[number];

/** Where the value of an input comes from. `all`: every cell of a matrix step, in cell order. */
export type InputSource =
  | { readonly kind: "dataset"; readonly name: string; readonly version: number | null }
  | { readonly kind: "output"; readonly step: string; readonly output: string; readonly all: boolean };

/** A number, or the parameter that holds it. */
export type Bound = number | { readonly param: string };

export interface GateSpec {
  readonly output: string;
  readonly metric: string;
  readonly min: Bound | null;
  readonly max: Bound | null;
}

export interface Retries {
  /** Attempts beyond the first. */
  readonly max: number;
  readonly backoffMs: number;
  readonly on: readonly RetryCause[];
}

/** What a step does: a command, or one of the built-in acts. */
export type StepKind = "run" | "register" | "score";

/** Of `uses: score`: what scores the dataset of the step's one input, and where the predictions go. Words may hold parameters. */
export interface ScoreSpec {
  readonly model: Word;
  /** A number, "@alias" or "latest". */
  readonly version: Word;
  readonly into: Word;
  readonly keep: readonly string[] | null;
  readonly features: readonly string[] | null;
  readonly prefix: string | null;
}

export interface StepSpec {
  readonly id: string;
  readonly kind: StepKind;
  /** Every step that must have succeeded before, in the order of the file. */
  readonly needs: readonly string[];
  /** The command's words; empty for a built-in step. */
  readonly command: readonly Word[];
  readonly inputs: Readonly<Record<string, InputSource>>;
  /** Output → path relative to the working directory, without a trailing slash. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Dimension → values; null without a matrix. */
  readonly matrix: Readonly<Record<string, readonly Scalar[]>> | null;
  readonly gate: GateSpec | null;
  readonly retries: Retries;
  readonly timeoutMs: number;
  readonly cpu: number;
  readonly memoryBytes: number;
  /** Of `uses: register`: which output holds the model, and the registered model's name. */
  readonly register: { readonly step: string; readonly output: string; readonly name: Word } | null;
  /** Absent in runs from before there was such a step. */
  readonly score?: ScoreSpec | null;
}

/** A pipeline file, parsed and checked; stored with each run, so that the run stays readable whatever happens to the file. */
export interface PipelineSpec {
  readonly version: 1;
  readonly name: string;
  readonly params: Readonly<Record<string, Scalar>>;
  readonly env: { readonly python: string; readonly requirements: string } | null;
  /** In the order of the file. */
  readonly steps: readonly StepSpec[];
}

/** The values of one combination of a matrix, and its name: "" without a matrix, else "algo=gbm,seed=1". */
export interface Cell {
  readonly key: string;
  readonly values: Readonly<Record<string, Scalar>>;
}

/** How a reference to a dataset is written, which is also its key among a run's pinned versions: "flights" or "flights@3". */
export function datasetReference(source: { name: string; version: number | null }): string {
  return source.version === null ? source.name : `${source.name}@${source.version}`;
}

/** The combinations of a step's matrix, the last dimension changing fastest; one cell without values when it has none. */
export function cellsOf(matrix: StepSpec["matrix"]): Cell[] {
  let cells: Record<string, Scalar>[] = [{}];
  for (const [name, values] of Object.entries(matrix ?? {}))
    cells = cells.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value })));
  return cells.map((values) => ({
    key: Object.entries(values)
      .map(([name, value]) => `${name}=${value}`)
      .join(","),
    values,
  }));
}

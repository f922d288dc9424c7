/**
 * What the server asks of a model runtime. The worker builds it and hands it to job handlers, so that no domain imports a native
 * library; these types name no domain, a registry's ModelSignature fits RuntimeSignature by its shape.
 */
export interface RuntimeTensor {
  readonly name: string;
  /** In the words of the Open Inference Protocol: FP32, INT64, BYTES, … */
  readonly datatype: string;
  /** -1 where any length fits. */
  readonly shape: readonly number[];
}

export interface RuntimeSignature {
  readonly inputs: readonly RuntimeTensor[];
  readonly outputs: readonly RuntimeTensor[];
  readonly classes: readonly string[] | null;
  readonly positive: string | null;
  /** What the model's author wrote beside it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly roles: {
    readonly label?: string | undefined;
    readonly probabilities?: string | undefined;
    readonly value?: string | undefined;
  };
}

/** Rows with the outputs that a model must give for them, each list row by row. */
export interface RuntimeGolden {
  readonly rows: number;
  readonly inputs: NamedValues;
  readonly outputs: Readonly<Record<string, readonly (number | string | boolean)[]>>;
  readonly tolerance: { readonly absolute: number; readonly relative: number };
}
/** Values of inputs by name, row by row; null is a missing number. */
export type NamedValues = Readonly<Record<string, readonly (number | string | boolean | null)[]>>;
/** Values of outputs by name, row by row, as the runtime gives them. */
export type NamedAnswers = Readonly<Record<string, ArrayLike<number | string | bigint>>>;

export interface ModelSource {
  /** What runs it: ONNX Runtime, which is meant where nothing stands, or MLflow's python_function in a Python of its own. */
  readonly runtime?: "onnx" | "pyfunc" | undefined;
  /** As people call it, for messages and logs: "penguins version 3". */
  readonly name?: string | undefined;
  /** A local file: the ONNX file, or the manifest of a model that is a folder. */
  readonly path: string;
  /** SHA-256 of the file in hex; a file with another one is not loaded. */
  readonly sha256: string;
  readonly signature: RuntimeSignature;
  /** A file that answers these otherwise is not loaded. */
  readonly golden?: RuntimeGolden | null | undefined;
}

/** Data by column: numbers (NaN where missing) or texts, all of the same length. */
export type Columns = Readonly<Record<string, Float64Array | readonly string[]>>;

export interface TableScores {
  /** One per row, as text. For a classifier without a label output: the class with the highest probability. Null for a regression. */
  readonly labels: readonly string[] | null;
  /** Row by row, `classes.length` values each; null when the model gives none. */
  readonly probabilities: Float64Array | null;
  /** In the order of the probabilities; null when the model's file does not state them. */
  readonly classes: readonly string[] | null;
  /** The predicted number per row; null for a classifier. */
  readonly values: Float64Array | null;
}

/** A model in memory, in a thread of its own: scoring does not block the caller's event loop. */
export interface LoadedModel {
  /**
   * Scores all rows. Each input takes the column of its name; a model with one input of k columns takes k columns in the given order.
   * Throws AppError `invalid_input` when a column is missing or holds what the input cannot take.
   */
  readonly scoreTable: (columns: Columns, rows: number) => Promise<TableScores>;
  /** Scores row by row, as single requests would, after a warm-up. Returns the microseconds of each run. */
  readonly timeRows: (columns: Columns, rows: number) => Promise<Float64Array>;
  /** Frees the model; calls after it are refused. */
  readonly release: () => Promise<void>;
}

export interface ModelRuntime {
  /**
   * Loads a model. Throws AppError `invalid_input` when the file cannot be loaded, is not the one its SHA-256 names or does not answer its golden
   * rows as it should.
   * The caller releases it.
   */
  readonly load: (source: ModelSource) => Promise<LoadedModel>;
  /** Loads a model, scores all rows and releases it. Errors as for `load` and `scoreTable`. */
  readonly scoreTable: (source: ModelSource, columns: Columns, rows: number) => Promise<TableScores>;
  /**
   * Loads a model, gives the named outputs for all rows as they come, and releases it. Errors as for `load`, and `invalid_input` when an input is
   * missing or the model fails on the rows.
   */
  readonly runRows: (
    source: ModelSource,
    inputs: NamedValues,
    rows: number,
    outputs: readonly string[],
  ) => Promise<NamedAnswers>;
}

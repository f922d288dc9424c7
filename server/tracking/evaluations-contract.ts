import { z } from "zod";

export const EvaluationTask = z.enum(["classification", "regression"]);
export type EvaluationTask = z.infer<typeof EvaluationTask>;

/** queued and running come first; an evaluation that is done never changes again. */
export const EvaluationStatus = z.enum(["queued", "running", "done", "failed"]);
export type EvaluationStatus = z.infer<typeof EvaluationStatus>;

const ColumnName = z.string().min(1).max(300);

/** Which columns of a predictions file say what. */
export const EvaluationColumns = z.object({
  /** What really happened: the class or the number. */
  label: ColumnName,
  /** The class or number that was predicted. null: the most probable class (binary: the positive one from 0.5). */
  prediction: ColumnName.nullable().default(null),
  /**
   * Probabilities, each with the class (as text) that it speaks of. Binary: one column for the positive class is enough. Empty: none, and no AUC, log-loss,
   * Brier score or curve.
   */
  probabilities: z
    .array(z.object({ column: ColumnName, class: z.string().max(300) }))
    .max(200)
    .default([]),
  /** Each value of these makes a row of the segments table. */
  segments: z.array(ColumnName).max(8).default([]),
});
export type EvaluationColumns = z.infer<typeof EvaluationColumns>;

/** One score. `value` is null where it is not defined: AUC with a single class, for example; `note` says why. */
export interface EvaluationMetricDto {
  /**
   * accuracy, precision, recall, f1 (binary: of the positive class), precision_macro, precision_micro, precision_weighted and the same of recall and f1,
   * auc (binary; several classes: one against the rest, macro), log_loss, brier, mae, mse, rmse, r2.
   */
  readonly name: string;
  readonly value: number | null;
  readonly note: string | null;
}

export interface EvaluationClassDto {
  readonly class: string;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Rows whose outcome is this class. */
  readonly support: number;
}

/** `counts[actual][predicted]` = rows, both in the order of `classes`. */
export interface ConfusionDto {
  readonly classes: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

/** A ROC curve: from (0, 0) to (1, 1), thinned out without losing its shape; `auc` is of all rows. */
export interface RocCurveDto {
  /** The class that counts as positive. */
  readonly class: string;
  readonly auc: number | null;
  readonly points: readonly {
    readonly falsePositiveRate: number;
    readonly truePositiveRate: number;
    /** Rows from this probability on count as positive; null at (0, 0). */
    readonly threshold: number | null;
  }[];
}

/** A precision-recall curve by falling recall, thinned out; `averagePrecision` is of all rows. */
export interface PrCurveDto {
  readonly class: string;
  readonly averagePrecision: number | null;
  /** Share of positive rows: the precision of guessing. */
  readonly baseline: number | null;
  readonly points: readonly {
    readonly precision: number;
    readonly recall: number;
    /** null at recall 0. */
    readonly threshold: number | null;
  }[];
}

/** One bar of a reliability diagram; probabilities in (low, high], the first bin closed below. */
export interface CalibrationBinDto {
  readonly low: number;
  readonly high: number;
  readonly n: number;
  /** null in an empty bin. */
  readonly predicted: number | null;
  readonly observed: number | null;
}

export interface EvaluationSegmentDto {
  readonly column: string;
  /** null: rows without a value. */
  readonly value: string | null;
  readonly n: number;
  readonly metrics: readonly EvaluationMetricDto[];
}

/** What the platform computed. */
export interface EvaluationResultDto {
  /** Rows that count. */
  readonly n: number;
  /** Rows without a label, prediction or probability: they do not count. */
  readonly skipped: number;
  readonly metrics: readonly EvaluationMetricDto[];
  /** Sorted as scikit-learn sorts; empty for regression. */
  readonly classes: readonly string[];
  readonly perClass: readonly EvaluationClassDto[];
  readonly confusion: ConfusionDto | null;
  /** One curve for the positive class; with several classes one of each against the rest. */
  readonly roc: readonly RocCurveDto[];
  readonly pr: readonly PrCurveDto[];
  /** Of the positive class; empty without probabilities and with several classes. */
  readonly calibration: readonly CalibrationBinDto[];
  readonly segments: readonly EvaluationSegmentDto[];
  /** Segment values that were left out: the most frequent are kept. */
  readonly segmentsLeftOut: number;
}

/** An evaluation of one predictions file of one run. */
export interface EvaluationDto {
  readonly id: string;
  readonly runId: string;
  readonly runName: string;
  /** "test predictions", from the file's name unless somebody named it. */
  readonly name: string;
  /** Path of the predictions file among the run's artifacts, and the hash of what was read. */
  readonly artifact: string;
  readonly sha256: string;
  readonly task: EvaluationTask;
  /** Binary: the class that counts as positive, as text; null otherwise. */
  readonly positive: string | null;
  readonly columns: EvaluationColumns;
  readonly status: EvaluationStatus;
  /** Why it failed, as a sentence. */
  readonly error: string | null;
  /** null until it is done. */
  readonly result: EvaluationResultDto | null;
  readonly createdBy: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly finishedAt: number | null;
}

/** What a predictions file holds, with the platform's guess of which column says what. */
export interface PredictionsFileDto {
  readonly artifact: string;
  readonly sha256: string;
  readonly rows: number;
  readonly columns: readonly {
    readonly name: string;
    readonly kind: "number" | "text" | "boolean" | "other";
    /** Distinct values, when there are few; null when there are many. */
    readonly distinct: readonly string[] | null;
  }[];
  readonly guess: {
    readonly task: EvaluationTask;
    readonly columns: EvaluationColumns;
    readonly positive: string | null;
  } | null;
  /** Why nothing can be guessed, or which part of the guess is doubtful. */
  readonly notes: readonly string[];
}

export const ListEvaluationsInput = z.object({
  /** Run ids, joined by commas in an address. */
  runs: z.preprocess(
    (value) => (typeof value === "string" ? value.split(",").filter(Boolean) : value),
    z.array(z.string().max(64)).min(1).max(200),
  ),
});

export const InspectPredictionsInput = z.object({ runId: z.string().max(64), artifact: z.string().min(1).max(1500) });

export const StartEvaluationInput = z.object({
  runId: z.string().max(64),
  artifact: z.string().min(1).max(1500),
  name: z.string().trim().max(120).optional(),
  /** What is left out is guessed from names and contents. */
  task: EvaluationTask.optional(),
  columns: EvaluationColumns.optional(),
  positive: z.string().max(300).nullable().optional(),
});

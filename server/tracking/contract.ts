import { z } from "zod";
import { VIEW_TYPES } from "./limits-contract.ts";
import type { RunCountDto } from "./runs-contract.ts";

// What a page needs while it runs stands in parts of its own without zod, so that a page that asks for it does not load zod.
export { INFINITE, LIMITS, TAGS, VIEW_TYPES } from "./limits-contract.ts";

export const RunStatus = z.enum(["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]);
export type RunStatus = z.infer<typeof RunStatus>;

export const LoggedModelStatus = z.enum(["PENDING", "READY", "UPLOAD_FAILED"]);
export type LoggedModelStatus = z.infer<typeof LoggedModelStatus>;

export const ViewType = z.enum(VIEW_TYPES);
export type ViewType = z.infer<typeof ViewType>;

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

export interface MetricValueDto {
  readonly key: string;
  /** null is NaN; an infinity is ±INFINITE. */
  readonly value: number | null;
  /** Milliseconds since 1970, as the client sent it. */
  readonly timestamp: number;
  readonly step: number;
}

export interface RunInputDto {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema: string | null;
  readonly profile: string | null;
  readonly tags: readonly KeyValue[];
}

export interface RunDatasetDto {
  readonly versionId: string;
  readonly name: string;
  readonly version: number;
}

/** A run without what it logged: enough for a header or a link. */
export interface RunInfoDto {
  readonly id: string;
  readonly experiment: number;
  readonly experimentName: string;
  readonly name: string;
  readonly status: RunStatus;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly endTime: number | null;
  readonly lifecycleStage: "active" | "deleted";
  /** The name that the client states. */
  readonly userName: string;
  /** Who the token says it is; null when the platform itself made the run. */
  readonly createdBy: string | null;
  /** Known from a pipeline step's token, so no client can claim it. */
  readonly commit: string | null;
  /** The step that made the run; name and number are null when the pipeline run is gone. */
  readonly pipeline: {
    readonly runId: string;
    readonly step: string;
    readonly name: string | null;
    readonly number: number | null;
  } | null;
}

export interface RunDto extends RunInfoDto {
  readonly metrics: readonly MetricValueDto[];
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
  readonly inputs: readonly RunInputDto[];
  readonly datasets: readonly RunDatasetDto[];
  readonly modelInputs: readonly string[];
  readonly modelOutputs: readonly { readonly modelId: string; readonly step: number }[];
}

/** A run as a row of a table: what it logged by name, without the long texts. */
export interface RunSummaryDto extends RunInfoDto {
  /** Latest values; null is NaN, an infinity is ±INFINITE. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly params: Readonly<Record<string, string>>;
  readonly datasets: readonly RunDatasetDto[];
  /** Datasets as the client logged them. */
  readonly inputs: readonly { readonly name: string; readonly digest: string }[];
  readonly parentRunId: string | null;
  /** How many logged models the run made. */
  readonly models: number;
  /** The tags that were asked for. */
  readonly tags?: Readonly<Record<string, string>>;
  /** How many runs of its experiment and stage name it as their parent, when asked for. */
  readonly children?: number;
}

export interface RunSummaryPage {
  readonly runs: readonly RunSummaryDto[];
  readonly nextPageToken: string | null;
  /** When it was read, in milliseconds since 1970. */
  readonly asOf: number;
  /** When asked for: of all pages. */
  readonly total?: RunCountDto;
  /** When asked for with `until`: how many more were made since. */
  readonly newer?: number;
}

export interface RunPage {
  readonly runs: readonly RunDto[];
  /** Hand it back as `pageToken`; null at the end. */
  readonly nextPageToken: string | null;
}

export interface ExperimentDto {
  readonly id: string;
  /** The id that MLflow clients see: counted per project from 0. */
  readonly number: number;
  readonly name: string;
  readonly lifecycleStage: "active" | "deleted";
  readonly tags: readonly KeyValue[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface ExperimentSummaryDto extends ExperimentDto {
  readonly runs: number;
  readonly running: number;
  readonly lastRunAt: number | null;
}

export interface LoggedModelMetricDto extends MetricValueDto {
  readonly runId: string;
  readonly datasetName: string | null;
  readonly datasetDigest: string | null;
}

export interface LoggedModelDto {
  readonly id: string;
  readonly experiment: number;
  readonly name: string;
  readonly status: LoggedModelStatus;
  readonly statusMessage: string | null;
  readonly modelType: string | null;
  readonly sourceRunId: string | null;
  readonly tags: readonly KeyValue[];
  readonly params: readonly KeyValue[];
  readonly metrics: readonly LoggedModelMetricDto[];
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt: number | null;
}

/** What owns artifacts: a run or a logged model. */
export const ArtifactOwner = z.object({ kind: z.enum(["run", "model"]), id: z.string().min(1).max(64) });
export type ArtifactOwner = z.infer<typeof ArtifactOwner>;

export interface ArtifactEntryDto {
  /** Relative to the owner. */
  readonly path: string;
  readonly name: string;
  readonly folder: boolean;
  /** For a folder, of all files in it. */
  readonly sizeBytes: number;
  /** null for a folder. */
  readonly sha256: string | null;
}

/** The points of one metric of one run, thinned out so that no spike is lost. */
export interface MetricSeriesDto {
  readonly runId: string;
  readonly key: string;
  /** How many points there are in all. */
  readonly total: number;
  readonly points: readonly Omit<MetricValueDto, "key">[];
}

/**
 * A MetricSeriesDto as it travels to a page, where a hundred of them are drawn at once: to write and to read the numbers as text would take longer than to
 * find and to draw them.
 */
export interface PackedSeriesDto extends Omit<MetricSeriesDto, "points"> {
  /** In base64 doubles, their greatest byte first: all steps, all times in milliseconds since 1970, all values. */
  readonly packed: string;
}

/** One metric of one run over another: the values that both have at the same step, in the order of x. */
export interface PairedSeriesDto {
  readonly runId: string;
  readonly key: string;
  /** The metric that gives x. */
  readonly by: string;
  /** How many pairs there are in the range asked for. */
  readonly total: number;
  /** Of the whole history: values of `key`, and of `by`, at steps where the other has none. */
  readonly alone: number;
  readonly aloneOfX: number;
  /** Pairs whose x is NaN or infinite. */
  readonly unplaced: number;
  readonly points: readonly (Omit<MetricValueDto, "key"> & { readonly x: number })[];
}

export interface DatasetSummaryDto {
  readonly experiment: number;
  readonly name: string;
  readonly digest: string;
  readonly context: string | null;
}

export {
  type ConfusionDto,
  type EvaluationClassDto,
  type EvaluationColumns,
  type EvaluationDto,
  type EvaluationMetricDto,
  type EvaluationResultDto,
  type EvaluationSegmentDto,
  type EvaluationTask,
  type PredictionsFileDto,
} from "./evaluations-contract.ts";

export type { TablePreviewDto } from "./artifact-contract.ts";

export { MENTION, mentionsIn } from "./mentions-contract.ts";
export { type NoteDto, NoteOwner, WriteNoteInput } from "./notes-contract.ts";

export { ruleText } from "./rule-text-contract.ts";
export type { CandidateDto, Direction, SelectionDto } from "./selections-contract.ts";

export type { ImportanceDto, ImportanceResultDto } from "./importance-contract.ts";

export {
  GroupRunsInput,
  ListKeysInput,
  ListRunsInput,
  ListValuesInput,
  MarkRunsInput,
  MOST_COUNTED,
  type RunCountDto,
  type RunGroupDto,
  type RunGroupsDto,
  type RunKeyDto,
  type RunKeysDto,
  type RunMarkDto,
  RunScope,
  type RunViewDto,
  SaveRunViewInput,
  UpdateRunViewInput,
} from "./runs-contract.ts";
export { asFilter } from "./search-words-contract.ts";

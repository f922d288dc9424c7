import { z } from "zod";
import type { FileStatus } from "#server/code/contract.ts";

/** What a worker sees when it starts the process of a step. */
export const AttemptOrigin = z.object({
  /** The words of the command, with paths relative to the working directory. */
  command: z.array(z.string()),
  /** Version of the Node that runs `node`. */
  node: z.string(),
  /** null for a step without a Python environment. */
  python: z.object({ version: z.string(), environment: z.string() }).nullable(),
  hardware: z.object({
    host: z.string(),
    /** "linux x64". */
    platform: z.string(),
    /** Release of the operating system's kernel. */
    release: z.string(),
    processor: z.string(),
    /** Of the machine. */
    cores: z.number(),
    memoryBytes: z.number(),
    /** What the step was given. */
    coresGiven: z.number(),
    memoryLimitBytes: z.number(),
    /** Names of graphics processors; empty without. */
    gpus: z.array(z.string()),
  }),
});
export type AttemptOrigin = z.infer<typeof AttemptOrigin>;

/** Environment and machine of a run, comparable among runs. */
export interface RunEnvironmentDto {
  readonly runId: string;
  /** Said by the client's own files instead of seen by the platform. */
  readonly stated: boolean;
  readonly python: string | null;
  readonly node: string | null;
  /** Package → version; null when nobody knows. */
  readonly packages: Readonly<Record<string, string>> | null;
  /** Hash of the environment's exact packages; null without a lock. */
  readonly lockSha256: string | null;
  /** Where the packages are known from: "lock of the environment", "model/requirements.txt". */
  readonly sources: readonly string[];
  readonly hardware: AttemptOrigin["hardware"] | null;
  readonly seed: { readonly name: string; readonly value: string } | null;
  readonly command: string | null;
}

/** Everything that a run remembers without having been asked. */
export interface RunOriginDto {
  /** "client": logged from outside a pipeline; what follows is what the client stated. */
  readonly kind: "pipeline" | "client";
  readonly environment: RunEnvironmentDto;
  /** The whole lock can be fetched. */
  readonly lock: boolean;
  readonly code: {
    readonly commit: string | null;
    readonly branch: string | null;
    readonly repository: string | null;
    /** Said by the client. */
    readonly stated: boolean;
    /** Whether something uncommitted was there; null when nobody knows. */
    readonly dirty: boolean | null;
    /** The uncommitted changes, when the client sent them. */
    readonly diff: string | null;
    /** The file or program that ran, as the client says. */
    readonly source: string | null;
    /** Against the newest commit of the branch; null when the commit is not in this project's repository. */
    readonly distance: {
      readonly branch: string;
      readonly head: string;
      readonly behind: number;
      readonly ahead: number;
      readonly files: readonly { readonly path: string; readonly status: FileStatus }[];
    } | null;
  };
  readonly datasets: readonly {
    readonly name: string;
    readonly version: number;
    readonly versionId: string;
    readonly sha256: string;
  }[];
  /** Datasets as the client described them. */
  readonly inputs: readonly { readonly name: string; readonly digest: string; readonly context: string | null }[];
  readonly pipeline: {
    readonly runNumber: number;
    readonly name: string;
    readonly path: string;
    readonly step: string;
    readonly attempt: number | null;
    readonly trigger: string;
    readonly params: Readonly<Record<string, string | number | boolean>>;
  } | null;
  /** Who the platform knows to have started it, and who the client says. */
  readonly who: { readonly known: string | null; readonly stated: string | null };
  /** What stands in the way of making it again; empty when it can be reproduced. */
  readonly missing: readonly string[];
}

export const ListRunEnvironmentsInput = z.object({
  /** Run ids, joined by commas in an address. */
  runs: z.preprocess(
    (value) => (typeof value === "string" ? value.split(",").filter(Boolean) : value),
    z.array(z.string().max(64)).min(1).max(100),
  ),
});

export const Tolerance = z.object({
  /** Two numbers count as equal when |a − b| ≤ absolute + relative · |a|. */
  absolute: z.coerce.number().min(0).max(1e9).default(1e-9),
  relative: z.coerce.number().min(0).max(1).default(1e-6),
  /** Also compare every value on the way, not only the last. */
  histories: z.boolean().default(false),
});
export type Tolerance = z.infer<typeof Tolerance>;

export const ReproduceInput = Tolerance.extend({ run: z.string().max(64) });
export const ReproductionStatus = z.enum(["running", "equal", "different", "failed"]);
export type ReproductionStatus = z.infer<typeof ReproductionStatus>;

export interface ComparedValueDto {
  readonly name: string;
  readonly original: string | null;
  readonly repeated: string | null;
  /** equal: identical; within: inside the tolerance; explained: differs for a reason that is no difference of the result; different. */
  readonly verdict: "equal" | "within" | "explained" | "different";
  readonly note: string | null;
}

export interface ReproductionResultDto {
  readonly metrics: readonly ComparedValueDto[];
  readonly params: readonly ComparedValueDto[];
  /** Histories, where they were asked for. */
  readonly histories: readonly ComparedValueDto[];
  /** Files of the run and of the models it logged, by hash. */
  readonly artifacts: readonly ComparedValueDto[];
  /** Outputs of the pipeline's steps, by hash. */
  readonly outputs: readonly ComparedValueDto[];
  /** Environment and machine: differences here explain others and do not count themselves. */
  readonly environment: readonly ComparedValueDto[];
}

export interface ReproductionDto {
  readonly id: string;
  readonly originalRunId: string;
  /** The tracked run of the repetition that answers to the original; null until it is known. */
  readonly runId: string | null;
  readonly pipelineRun: number;
  readonly tolerance: Tolerance;
  readonly status: ReproductionStatus;
  readonly summary: string | null;
  readonly result: ReproductionResultDto | null;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

export const ForkRunInput = z.object({
  run: z.string().max(64),
  /** The new branch's name; one that is free is made up without it. */
  branch: z.string().max(100).optional(),
});

export interface ForkDto {
  readonly branch: string;
  readonly commit: string;
  readonly path: string;
  /** What was written into the pipeline file: "seed: 2007 → 42". */
  readonly changes: readonly string[];
}

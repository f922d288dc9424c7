import { z } from "zod";
import type { GoldenSummary } from "./golden-contract.ts";
import type { VersionRuntime } from "./pyfunc-contract.ts";
import { type ModelSignature } from "./signature.ts";

export * from "./golden-comparison-contract.ts";
export * from "./golden-contract.ts";
export * from "./pyfunc-contract.ts";
export * from "./signature.ts";
export * from "./webhooks-contract.ts";

/** Aliases that only an approved promotion moves. */
export const PROTECTED_ALIASES = ["champion", "challenger"] as const;

export function isProtected(alias: string): boolean {
  return (PROTECTED_ALIASES as readonly string[]).includes(alias);
}

export const ModelName = z
  .string()
  .min(1, "Name the model.")
  .max(200)
  .regex(/^[\w.\- ]+$/, "Use letters, digits, spaces, dots, hyphens and underscores.");

/** MLflow's rule for aliases, with the names it reserves for itself. */
export const AliasName = z
  .string()
  .regex(/^[\w-]{1,255}$/, "Use letters, digits, underscores and hyphens.")
  .refine((alias) => !/^v\d+$/i.test(alias) && alias !== "latest", "'latest' and 'v<number>' are reserved.");

export const Tags = z.record(z.string().min(1).max(250), z.string().max(100_000));

export const RegisterVersionInput = z.object({
  model: ModelName,
  description: z.string().max(10_000).default(""),
  /** What the client names as source; answered back to it as it came. */
  source: z.string().max(500).default(""),
  /** The ONNX file's SHA-256 in the store; the ONNX file or MLflow model is found from the logged model or run when absent. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** A golden file in the store, by its SHA-256; looked for beside the model when absent. */
  goldenSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  runId: z.string().optional(),
  loggedModelId: z.string().optional(),
  pipelineRunId: z.uuid().optional(),
  commit: z.string().optional(),
  datasetVersionId: z.uuid().optional(),
  metrics: z.record(z.string(), z.number()).default({}),
  tags: Tags.default({}),
});

/** What a run left that can be registered as a version. */
export interface RegistrableDto {
  /** The logged model's name, or the path among the run's files. */
  readonly name: string;
  /** What RegisterVersionInput takes as `source` and `loggedModelId`. */
  readonly source: string;
  readonly loggedModelId: string | null;
  /** null for a model that is no single ONNX file. */
  readonly onnx: { readonly path: string; readonly sha256: string; readonly sizeBytes: number } | null;
  /** What would run it; null for what can be tracked, and neither promoted nor served. */
  readonly runtime: VersionRuntime | null;
  /** Why nothing runs it, where its description says; else null. */
  readonly problem: string | null;
}

export const VersionState = z.enum(["registered", "candidate", "challenger", "champion", "retired", "rejected"]);
export type VersionState = z.infer<typeof VersionState>;

export interface VersionDto {
  readonly id: string;
  readonly modelId: string;
  readonly model: string;
  readonly version: number;
  readonly state: VersionState;
  readonly aliases: readonly string[];
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly source: string;
  readonly runId: string | null;
  readonly loggedModelId: string | null;
  readonly commit: string | null;
  readonly pipelineRun: { readonly id: string; readonly number: number; readonly pipeline: string } | null;
  readonly dataset: {
    readonly versionId: string;
    readonly name: string;
    readonly version: number;
    readonly sha256: string;
  } | null;
  /** Of the ONNX file, or of the manifest of a model that is a folder (ModelManifest). */
  readonly sha256: string | null;
  readonly sizeBytes: number | null;
  /** Null for a version that cannot be served. */
  readonly runtime: VersionRuntime | null;
  readonly signature: ModelSignature | null;
  /** Rows with the training framework's own outputs, and whether the file gives the same; null for a version without. */
  readonly golden: GoldenSummary | null;
  readonly metrics: Readonly<Record<string, number>>;
  /** What is missing for a promotion, in words. */
  readonly incomplete: readonly string[];
  readonly createdBy: string | null;
  readonly createdById: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface ModelDto {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly aliases: readonly { readonly alias: string; readonly version: number }[];
  readonly versions: number;
  readonly latest: VersionDto | null;
  readonly champion: VersionDto | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface ModelDetail extends Omit<ModelDto, "versions"> {
  readonly versions: readonly VersionDto[];
}

import { stat } from "node:fs/promises";
import type { Db } from "#server/platform/db.ts";
import { localPath } from "#server/platform/objects.ts";
import type { VersionRuntime } from "./contract.ts";
import { findOnnxFile } from "./onnx-file.ts";
import { readOnnxSignature } from "./onnx-signature.ts";
import { findPyfuncFolder } from "./pyfunc-folder.ts";
import type { ModelSignature } from "./signature.ts";

/** What of a model can be run. */
export interface ModelContent {
  /** Of the ONNX file, or of the manifest of a model that is a folder. */
  readonly sha256: string | null;
  readonly sizeBytes: number | null;
  readonly signature: ModelSignature | null;
  readonly runtime: VersionRuntime | null;
  /** Why it can be neither checked nor served, with what to do; null when it can. */
  readonly problem: string | null;
}

interface Owned {
  readonly loggedModelId?: string | undefined;
  readonly runId?: string | undefined;
  readonly folder?: string | undefined;
}

/** What can be run of a stored ONNX file. Throws AppError `invalid_input` for a damaged one. */
export async function contentOfOnnx(sha256: string): Promise<ModelContent> {
  const file = await localPath(sha256);
  const signature = await readOnnxSignature(file);
  return { sha256, sizeBytes: (await stat(file)).size, signature, runtime: "onnx", problem: null };
}

/**
 * What can be run of what a logged model or a run owns: an ONNX file, else an MLflow model that Python loads.
 * Throws AppError `invalid_input` for a damaged ONNX file.
 */
export async function findModelContent(db: Db, projectId: string, owned: Owned): Promise<ModelContent> {
  const file = await findOnnxFile(db, projectId, owned);
  if (file) return await contentOfOnnx(file);
  const found = await findPyfuncFolder(db, projectId, owned);
  if (found) return { ...found, runtime: found.signature ? "pyfunc" : null };
  const problem = "It has neither an ONNX file nor an MLflow model, so it can be neither checked nor served.";
  return { sha256: null, sizeBytes: null, signature: null, runtime: null, problem };
}

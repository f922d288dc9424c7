import { readFile } from "node:fs/promises";
import { canonicalJson } from "#server/kernel/canonical-json.ts";
import { isAppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { localPath, putBuffer } from "#server/platform/objects.ts";
import type { ModelManifest } from "./contract.ts";
import { isPyfunc, type MLmodel, readMLmodel, readPyfuncSignature } from "./pyfunc-signature.ts";
import type { ModelSignature } from "./signature.ts";

const DESCRIPTION = "MLmodel";
const MOST_FILES = 10_000;

/** A model that is a folder: its identity, its size, and its signature, or why it cannot be served without one. */
export interface PyfuncFolder {
  /** SHA-256 of the stored manifest. */
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly signature: ModelSignature | null;
  /** Null with a signature. */
  readonly problem: string | null;
}

interface Owned {
  readonly loggedModelId?: string | undefined;
  readonly runId?: string | undefined;
  /** Where in the run's files the model lies; anywhere when absent. */
  readonly folder?: string | undefined;
}

/**
 * The MLflow model among what a logged model or a run owns, if Python loads it and it is no ONNX. Its files are pinned by a manifest that is stored here.
 * Null when there is none, or several and nothing says which.
 */
export async function findPyfuncFolder(db: Db, projectId: string, from: Owned): Promise<PyfuncFolder | null> {
  const owner = from.loggedModelId ? `/models/${from.loggedModelId}` : from.runId ? `/${from.runId}` : null;
  if (!owner) return null;
  const files = await db.artifact.findMany({
    where: { projectId, root: { endsWith: owner } },
    select: { path: true, sha256: true, sizeBytes: true },
    orderBy: { path: "asc" },
    take: MOST_FILES,
  });
  const described = files.filter(({ path }) => path === DESCRIPTION || path.endsWith(`/${DESCRIPTION}`));
  const inside = from.folder ? described.filter(({ path }) => path === `${from.folder}/${DESCRIPTION}`) : described;
  const [description, other] = inside.length > 0 ? inside : described;
  if (!description || other) return null;
  const says = await describePyfunc(description.sha256);
  if (!says) return null;
  const dir = description.path.slice(0, -DESCRIPTION.length);
  const own = files
    .filter(({ path }) => path.startsWith(dir))
    .map(({ path, sha256, sizeBytes }) => ({ path: path.slice(dir.length), sha256, sizeBytes: Number(sizeBytes) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const manifest: ModelManifest = { kind: "touchstone.model-folder", files: own };
  const { sha256 } = await putBuffer(canonicalJson(manifest));
  return { sha256, sizeBytes: own.reduce((sum, file) => sum + file.sizeBytes, 0), ...says };
}

/** What a stored file MLmodel says of a model that Python loads; null when it describes none, or an ONNX model. */
export async function describePyfunc(sha256: string): Promise<Pick<PyfuncFolder, "signature" | "problem"> | null> {
  const model = await readDescription(sha256);
  if (!model || !isPyfunc(model)) return null;
  try {
    return { signature: readPyfuncSignature(model), problem: null };
  } catch (error) {
    if (!isAppError(error, "invalid_input")) throw error;
    return { signature: null, problem: [error.message, error.place.remedy].filter(Boolean).join(" ") };
  }
}

/** What a file named MLmodel says; null when it is none. Clients register what they like, so that is no reason to refuse the version. */
async function readDescription(sha256: string): Promise<MLmodel | null> {
  try {
    return readMLmodel(await readFile(await localPath(sha256), "utf8"));
  } catch (error) {
    if (isAppError(error, "invalid_input")) return null;
    throw error;
  }
}

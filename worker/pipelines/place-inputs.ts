import { chmod, copyFile, link, mkdir } from "node:fs/promises";
import { constants } from "node:fs";
import path from "node:path";
import { localPath } from "#server/platform/objects.ts";
import { type ClaimedStep, datasetReference, type InputSource, manifestOf } from "#server/pipelines/index.ts";
import type { StoredOutput } from "#server/pipelines/contract.ts";

type Place = (sha256: string, target: string, executable?: boolean) => Promise<void>;

/**
 * Puts a copy of a stored content at `target`, by reference where the file system can. Its mode lets the owner write: what keeps a step from changing its
 * inputs is the read-only mount, and a step that copies a folder into its output, mode and all, wants to change the copy.
 */
const copy: Place = async (sha256, target, executable = false) => {
  await mkdir(path.dirname(target), { recursive: true });
  await copyFile(await localPath(sha256), target, constants.COPYFILE_FICLONE);
  await chmod(target, executable ? 0o755 : 0o644);
};

/**
 * Puts a dataset at `target`. It may be large, and a hard link costs nothing but is the stored file itself, so it is used only where the step cannot write
 * it (`sealed`).
 */
async function placeDataset(sha256: string, target: string, sealed: boolean): Promise<void> {
  if (!sealed) {
    await copy(sha256, target);
    return;
  }
  await mkdir(path.dirname(target), { recursive: true });
  // Another disk, or a file system without links.
  await link(await localPath(sha256), target).catch(() => copy(sha256, target));
}

async function placeOutput(stored: StoredOutput, dir: string): Promise<string> {
  const target = path.join(dir, path.posix.basename(stored.path));
  if (stored.kind === "file") {
    await copy(stored.sha256, target);
    return target;
  }
  await mkdir(target, { recursive: true });
  const { files } = await manifestOf(stored.sha256);
  for (const file of files) await copy(file.sha256, path.join(target, ...file.path.split("/")), file.executable);
  return target;
}

/**
 * Places every input of a step under `dir`, read-only, and returns what `${inputs.x}` becomes: a path, or for all cells of a matrix a list of paths.
 */
export async function placeInputs(
  claimed: ClaimedStep,
  dir: string,
  sealed: boolean,
): Promise<Record<string, string | readonly string[]>> {
  const values: Record<string, string | readonly string[]> = {};
  for (const [name, source] of Object.entries(claimed.step.inputs))
    values[name] = await placeInput(claimed, source, path.join(dir, name), sealed);
  return values;
}

async function placeInput(
  claimed: ClaimedStep,
  source: InputSource,
  dir: string,
  sealed: boolean,
): Promise<string | readonly string[]> {
  if (source.kind === "dataset") {
    const pinned = claimed.run.datasets[datasetReference(source)];
    if (!pinned) throw new Error(`the run has pinned no version of the dataset '${source.name}'`);
    const target = path.join(dir, `${pinned.name}.${pinned.format}`);
    await placeDataset(pinned.sha256, target, sealed);
    return target;
  }
  const paths: string[] = [];
  for (const [cell, outputs] of (claimed.upstream[source.step] ?? []).entries()) {
    const stored = outputs[source.output];
    if (!stored) throw new Error(`step '${source.step}' has stored no output '${source.output}'`);
    paths.push(await placeOutput(stored, source.all ? path.join(dir, String(cell)) : dir));
  }
  const [only] = paths;
  if (source.all) return paths;
  if (only === undefined) throw new Error(`step '${source.step}' has stored nothing`);
  return only;
}

import { lstat, readdir, realpath } from "node:fs/promises";
import path from "node:path";
import { canonicalJson } from "#server/kernel/canonical-json.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { putBuffer, putFile } from "#server/platform/objects.ts";
import { sizeText } from "#server/pipelines/index.ts";
import type { FolderManifest, StoredOutput } from "#server/pipelines/contract.ts";

/** What one attempt may store in all. */
export const OUTPUT_LIMITS = { bytes: 8 * 2 ** 30, files: 20_000 } as const;

/** An output is missing or cannot be stored; the message says which and why. */
export class OutputError extends Error {}

interface Budget {
  bytes: number;
  files: number;
}

type File = FolderManifest["files"][number];

async function storeFile(file: string, name: string, budget: Budget): Promise<{ sha256: string; sizeBytes: number }> {
  budget.files -= 1;
  if (budget.files < 0)
    throw new OutputError(
      `output '${name}' has too many files: a step may store ${OUTPUT_LIMITS.files.toLocaleString("en")}`,
    );
  try {
    const stored = await putFile(file, { maxBytes: Math.max(0, budget.bytes) });
    budget.bytes -= stored.sizeBytes;
    return stored;
  } catch (error) {
    if (isAppError(error, "too_large"))
      throw new OutputError(`output '${name}' is too large: a step may store ${sizeText(OUTPUT_LIMITS.bytes)} in all`);
    throw error;
  }
}

async function storeFolder(folder: string, name: string, budget: Budget): Promise<File[]> {
  const files: File[] = [];
  const visit = async (dir: string, relative: string): Promise<void> => {
    const entries = await readdir(dir, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inside = relative === "" ? entry.name : `${relative}/${entry.name}`;
      const full = path.join(dir, entry.name);
      if (entry.isDirectory()) await visit(full, inside);
      else if (entry.isFile()) {
        const { mode } = await lstat(full);
        files.push({ path: inside, executable: (mode & 0o100) !== 0, ...(await storeFile(full, name, budget)) });
      } else
        throw new OutputError(
          `output '${name}' holds '${inside}', which is neither a file nor a folder (a link, perhaps)`,
        );
    }
  };
  await visit(folder, "");
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Stores what a step wrote, by content. A folder becomes a manifest of its files. Links are refused, wherever they stand: they could name a file of the
 * platform, which the worker, unlike the step, can read. Throws OutputError.
 */
export async function collectOutputs(
  outputs: Readonly<Record<string, string>>,
  code: string,
): Promise<Record<string, StoredOutput>> {
  const budget: Budget = { ...OUTPUT_LIMITS };
  const root = await realpath(code);
  const stored: Record<string, StoredOutput> = {};
  for (const [name, relative] of Object.entries(outputs)) {
    const full = path.join(root, ...relative.split("/"));
    const found = await lstat(full).catch(() => null);
    if (!found) throw new OutputError(`it did not write output '${name}' (${relative})`);
    if ((await realpath(full)) !== full)
      throw new OutputError(`output '${name}' (${relative}) is a link or lies behind one`);
    if (found.isFile())
      stored[name] = { ...(await storeFile(full, name, budget)), kind: "file", path: relative, files: 1 };
    else if (found.isDirectory()) {
      const files = await storeFolder(full, name, budget);
      const manifest: FolderManifest = { files };
      const { sha256 } = await putBuffer(canonicalJson(manifest));
      stored[name] = {
        sha256,
        sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
        kind: "folder",
        path: relative,
        files: files.length,
      };
    } else throw new OutputError(`output '${name}' (${relative}) is neither a file nor a folder`);
  }
  return stored;
}

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { git } from "./git.ts";
import { parseNameStatus } from "./history.ts";
import { readFileAt, resolveRef } from "./repository.ts";
import { blobOf, inWorkspace, locate, readDraft, type Workspace, writeDraft } from "./workspace.ts";

/** Content that a person chose for a conflicting file, by the blob of the branch that they saw: the conflict is settled until the branch moves again. */
type Settled = Record<string, string>;

async function settledFile(workspace: Workspace): Promise<string> {
  const gitDir = (await inWorkspace(workspace, ["rev-parse", "--absolute-git-dir"])).stdout.toString().trim();
  return path.join(gitDir, "touchstone-settled.json");
}

async function readSettled(workspace: Workspace): Promise<Settled> {
  const text = await readFile(await settledFile(workspace), "utf8").catch(() => "{}");
  return JSON.parse(text) as Settled;
}

/** The commit that the draft is based on. */
export async function baseOf(workspace: Workspace): Promise<string> {
  return (await inWorkspace(workspace, ["rev-parse", "HEAD"])).stdout.toString().trim();
}

/** Notes that the draft's content of `file` already takes the branch's newest content into account. */
export async function settleConflict(workspace: Workspace, file: string): Promise<void> {
  const theirs = await readFileAt(workspace.projectId, await resolveRef(workspace.projectId, workspace.branch), file);
  const settled = await readSettled(workspace);
  settled[file] = theirs ? await blobOf(theirs) : "";
  await writeFile(await settledFile(workspace), JSON.stringify(settled));
}

export interface Sync {
  readonly base: string;
  readonly head: string;
  /** Files that both the branch and the draft changed in ways that cannot be put together. */
  readonly conflicts: readonly string[];
}

/**
 * Brings commits that reached the branch from elsewhere into the draft: files the person did not touch are replaced, files both touched are merged line by
 * line. If any file cannot be merged the draft keeps its base, nothing of the person's text is lost, and the conflicts are named.
 */
export async function syncWorkspace(workspace: Workspace): Promise<Sync> {
  const { projectId } = workspace;
  const [base, head] = await Promise.all([baseOf(workspace), resolveRef(projectId, workspace.branch)]);
  if (base === head) return { base, head, conflicts: [] };
  const changed = parseNameStatus(
    (await inWorkspace(workspace, ["diff", "--name-status", "-z", "--no-renames", base, head])).stdout.toString(),
  );
  const settled = await readSettled(workspace);
  const writes: { path: string; content: Buffer | null }[] = [];
  const conflicts: string[] = [];
  for (const { path: file } of changed) {
    const [ours, before, theirs] = await Promise.all([
      rawDraft(workspace, file),
      readFileAt(projectId, base, file),
      readFileAt(projectId, head, file),
    ]);
    const same = (a: Buffer | null, b: Buffer | null): boolean => (a === null || b === null ? a === b : a.equals(b));
    if (same(ours, theirs)) continue;
    if (same(ours, before)) writes.push({ path: file, content: theirs });
    else if (settled[file] === (theirs ? await blobOf(theirs) : "")) continue;
    else {
      const merged = ours && theirs ? await mergeText(ours, before ?? Buffer.alloc(0), theirs) : null;
      if (merged) writes.push({ path: file, content: merged });
      else conflicts.push(file);
    }
  }
  if (conflicts.length > 0) return { base, head, conflicts };
  for (const { path: file, content } of writes) {
    if (content) await writeDraft(workspace, file, content);
    else await rm(await locate(workspace, file), { force: true });
  }
  await inWorkspace(workspace, ["update-ref", "--no-deref", "HEAD", head, base]);
  await inWorkspace(workspace, ["read-tree", head]);
  await rm(await settledFile(workspace), { force: true });
  return { base: head, head, conflicts: [] };
}

async function rawDraft(workspace: Workspace, file: string): Promise<Buffer | null> {
  const draft = await readDraft(workspace, file);
  return draft ? await readFile(await locate(workspace, file)) : null;
}

/** git's own three-way merge of three texts; null when lines conflict or the content is binary. */
export async function mergeText(ours: Buffer, base: Buffer, theirs: Buffer): Promise<Buffer | null> {
  if ([ours, base, theirs].some((content) => content.includes(0))) return null;
  const dir = await mkdtemp(path.join(os.tmpdir(), "touchstone-merge-"));
  try {
    const files = await Promise.all(
      [ours, base, theirs].map(async (content, i) => {
        const file = path.join(/*turbopackIgnore: true*/ dir, ["ours", "base", "theirs"][i] ?? "");
        await writeFile(file, content);
        return file;
      }),
    );
    const conflicts = Array.from({ length: 127 }, (_, i) => i + 1);
    const result = await git(["merge-file", "-p", ...files], { accept: conflicts });
    return result.code === 0 ? result.stdout : null;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

import { existsSync } from "node:fs";
import { lstat, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { AppError } from "#server/kernel/errors.ts";
import { hexId } from "#server/kernel/ids.ts";
import { env } from "#server/platform/env.ts";
import { MAX_EDIT_BYTES, type FileDto } from "./contract.ts";
import { git, repositoryDir } from "./git.ts";
import { resolveRef } from "./repository.ts";

/** A person's working copy of one branch: a git worktree with a detached head. What lies in it is the draft. */
export interface Workspace {
  readonly projectId: string;
  readonly userId: string;
  readonly branch: string;
  readonly dir: string;
}

/** Folder of a workspace. A branch name may hold slashes, so it is encoded. */
export function workspaceDir(projectId: string, userId: string, branch: string): string {
  return path.join(env().dataDir, "workspaces", projectId, userId, encodeURIComponent(branch));
}

/** Runs git in a workspace. */
export function inWorkspace(workspace: Workspace, args: readonly string[], options: Parameters<typeof git>[1] = {}) {
  return git(args, { ...options, cwd: workspace.dir });
}

const busy = new Map<string, Promise<unknown>>();

/** Lets one act at a time touch a workspace; two saves at once must not both believe they were first. */
export async function exclusively<T>(workspace: Workspace, work: () => Promise<T>): Promise<T> {
  const before = busy.get(workspace.dir) ?? Promise.resolve();
  const mine = before.catch(() => undefined).then(work);
  busy.set(workspace.dir, mine);
  try {
    return await mine;
  } finally {
    if (busy.get(workspace.dir) === mine) busy.delete(workspace.dir);
  }
}

/** Opens a person's workspace of a branch, making it at the branch's newest commit the first time. Errors: not_found for an unknown branch. */
export async function openWorkspace(projectId: string, userId: string, branch: string): Promise<Workspace> {
  const workspace: Workspace = { projectId, userId, branch, dir: workspaceDir(projectId, userId, branch) };
  const head = await resolveRef(projectId, branch);
  if (existsSync(path.join(workspace.dir, ".git"))) return workspace;
  return await exclusively(workspace, async () => {
    if (!existsSync(path.join(workspace.dir, ".git"))) {
      await mkdir(path.dirname(workspace.dir), { recursive: true });
      await git([`--git-dir=${repositoryDir(projectId)}`, "worktree", "prune"]);
      await git([
        `--git-dir=${repositoryDir(projectId)}`,
        "worktree",
        "add",
        "--force",
        "--detach",
        workspace.dir,
        head,
      ]);
    }
    return workspace;
  });
}

/** The absolute path of a file in the workspace. Errors: invalid_input when a symbolic link on the way would lead out of it. */
export async function locate(workspace: Workspace, file: string): Promise<string> {
  let at = workspace.dir;
  for (const part of file.split("/").slice(0, -1)) {
    at = path.join(at, part);
    const found = await lstat(at).catch(() => null);
    if (found?.isSymbolicLink())
      throw new AppError("invalid_input", `'${file}' lies behind a symbolic link.`, {
        field: "path",
        value: file,
        remedy: "Edit the file that the link points to.",
      });
  }
  return path.join(workspace.dir, file);
}

/** Git's blob id of some content. */
export async function blobOf(content: Uint8Array): Promise<string> {
  return (await git(["hash-object", "--stdin"], { input: content })).stdout.toString().trim();
}

/** A file of the draft, or null when there is none. Its text is null when it is binary or too large to edit. */
export async function readDraft(workspace: Workspace, file: string): Promise<FileDto | null> {
  const full = await locate(workspace, file);
  const found = await lstat(full).catch(() => null);
  if (!found?.isFile()) return null;
  const content = await readFile(full);
  const editable = content.length <= MAX_EDIT_BYTES && !content.includes(0);
  return {
    path: file,
    blob: await blobOf(content),
    sizeBytes: content.length,
    text: editable ? content.toString("utf8") : null,
  };
}

/** Writes a file by a temporary one and a rename: a reader sees the old or the new content, never half of it. */
export async function writeDraft(workspace: Workspace, file: string, content: string | Uint8Array): Promise<void> {
  const full = await locate(workspace, file);
  await mkdir(path.dirname(full), { recursive: true });
  const temporary = path.join(path.dirname(full), `.touchstone-${hexId()}`);
  try {
    const mode = (await lstat(full).catch(() => null))?.mode;
    await writeFile(temporary, content, mode === undefined ? {} : { mode: mode & 0o777 });
    await rename(temporary, full);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

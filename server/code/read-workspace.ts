import { z } from "zod";
import { defineUseCase, type Actor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import {
  BranchName,
  type FileDiff,
  type FileDto,
  RepoPath,
  type TreeEntry,
  type WorkspaceChange,
  type WorkspaceDto,
} from "./contract.ts";
import { STATUS } from "./history.ts";
import { listBranches, readFileAt } from "./repository.ts";
import { baseOf, syncWorkspace } from "./sync-workspace.ts";
import { exclusively, inWorkspace, openWorkspace, readDraft, type Workspace } from "./workspace.ts";

export const OnBranch = z.object({ branch: BranchName.default("main") });

/** The caller's own workspace. Errors: forbidden for tokens of the platform, which have no draft. */
export async function workspaceOf(actor: Actor, projectId: string, branch: string): Promise<Workspace> {
  if (!actor.userId) throw new AppError("forbidden", "Only a person has a workspace.");
  return await openWorkspace(projectId, actor.userId, branch);
}

/** The draft of the caller on a branch: files, changes since the last commit, conflicts. Brings in commits pushed from elsewhere first. */
export const getWorkspace = defineUseCase({
  name: "code.get-workspace",
  scope: "code:write",
  effect: "read",
  input: OnBranch,
  async run({ input, actor, project }): Promise<WorkspaceDto> {
    const workspace = await workspaceOf(actor, project.id, input.branch);
    return await exclusively(workspace, async () => {
      const sync = await syncWorkspace(workspace);
      const [branches, entries, changes] = await Promise.all([
        listBranches(project.id),
        listDraft(workspace),
        listChanges(workspace),
      ]);
      return {
        branch: input.branch,
        base: sync.base,
        head: sync.head,
        branches,
        entries,
        changes,
        conflicts: sync.conflicts,
      };
    });
  },
});

/** One file of the caller's draft with the ETag that a save must name. Errors: not_found. */
export const readFile = defineUseCase({
  name: "code.read-file",
  scope: "code:write",
  effect: "read",
  input: OnBranch.extend({ path: RepoPath }),
  async run({ input, actor, project }): Promise<FileDto> {
    const file = await readDraft(await workspaceOf(actor, project.id, input.branch), input.path);
    if (!file)
      throw new AppError("not_found", `There is no file '${input.path}' in your workspace.`, {
        field: "path",
        value: input.path,
        remedy: "It may have been deleted or renamed; look in the tree.",
      });
    return file;
  },
});

/** What the caller changed in one file since the last commit. */
export const diffDraft = defineUseCase({
  name: "code.diff-draft",
  scope: "code:write",
  effect: "read",
  input: OnBranch.extend({ path: RepoPath }),
  async run({ input, actor, project }): Promise<FileDiff> {
    const workspace = await workspaceOf(actor, project.id, input.branch);
    const [before, after] = await Promise.all([
      readFileAt(project.id, await baseOf(workspace), input.path),
      readDraft(workspace, input.path),
    ]);
    const binary = (before?.includes(0) ?? false) || (after !== null && after.text === null);
    return {
      path: input.path,
      before: binary ? null : (before?.toString("utf8") ?? null),
      after: after?.text ?? null,
      binary,
    };
  },
});

/** Tracked and new files of the draft, without what .gitignore names, as a flat list. */
async function listDraft(workspace: Workspace): Promise<TreeEntry[]> {
  const [tracked, fresh, gone] = await Promise.all(
    [
      ["ls-files", "-z"],
      ["ls-files", "-z", "--others", "--exclude-standard"],
      ["ls-files", "-z", "--deleted"],
    ].map((args) => inWorkspace(workspace, args)),
  );
  const lines = (result: { stdout: Buffer } | undefined): string[] =>
    (result?.stdout.toString() ?? "").split("\0").filter(Boolean);
  const deleted = new Set(lines(gone));
  const paths = [...new Set([...lines(tracked), ...lines(fresh)])].filter((path) => !deleted.has(path));
  return paths.sort().map((path) => ({ path, kind: "file", sizeBytes: null }));
}

async function listChanges(workspace: Workspace): Promise<WorkspaceChange[]> {
  const out = (
    await inWorkspace(workspace, ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"])
  ).stdout.toString();
  return out
    .split("\0")
    .filter(Boolean)
    .map((line) => {
      const letter = line.startsWith("??") ? "A" : line.slice(0, 2).trim().charAt(0);
      return { path: line.slice(3), status: STATUS[letter] ?? "modified", from: null };
    });
}

import { lstat, mkdir, rename, rm } from "node:fs/promises";
import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { type Conflict, type FileDto, RepoPath } from "./contract.ts";
import { OnBranch, workspaceOf } from "./read-workspace.ts";
import { readFileAt } from "./repository.ts";
import { baseOf, settleConflict } from "./sync-workspace.ts";
import { exclusively, inWorkspace, locate, readDraft, writeDraft, type Workspace } from "./workspace.ts";

const DRAFT = "a draft is its author's own; the commit that publishes it is recorded";

/** Says that the file is no longer what the caller started from, with the text now stored: the editor merges, nothing is overwritten. */
export class StaleFile extends AppError {
  readonly conflict: Conflict;
  constructor(conflict: Conflict) {
    super(
      "stale",
      conflict.current ? `'${conflict.path}' was changed meanwhile.` : `'${conflict.path}' was deleted meanwhile.`,
      {
        field: "If-Match",
        value: conflict.path,
        remedy: "Merge your text with the one now stored, then save again.",
      },
    );
    this.conflict = conflict;
  }
}

async function demandUnchanged(workspace: Workspace, file: string, expected: string | null): Promise<void> {
  const current = await readDraft(workspace, file);
  if ((current?.blob ?? null) === expected) return;
  const base = await readFileAt(workspace.projectId, await baseOf(workspace), file);
  throw new StaleFile({ path: file, current, base: base?.toString("utf8") ?? null });
}

/**
 * Saves one file of the caller's draft. `expected` is the blob the text was edited from; null for a new file. `settles` says that the text takes the
 * branch's newest content into account, which ends a conflict. Errors: stale with the stored text when the file changed meanwhile.
 */
export const saveFile = defineUseCase({
  name: "code.save-file",
  scope: "code:write",
  effect: "write",
  unaudited: DRAFT,
  input: OnBranch.extend({
    path: RepoPath,
    text: z.string().max(4_000_000),
    expected: z
      .string(
        "A save must name what it starts from: send If-Match with the file's ETag, or If-None-Match: * for a new file.",
      )
      .nullable(),
    settles: z.boolean().default(false),
  }),
  async run({ input, actor, project }): Promise<FileDto> {
    const workspace = await workspaceOf(actor, project.id, input.branch);
    return await exclusively(workspace, async () => {
      await demandUnchanged(workspace, input.path, input.expected);
      await writeDraft(workspace, input.path, input.text);
      if (input.settles) await settleConflict(workspace, input.path);
      const saved = await readDraft(workspace, input.path);
      if (!saved) throw new Error("a file that was just written cannot be read");
      return saved;
    });
  },
});

/** Renames or moves a file or a folder of the draft. Errors: not_found, conflict when the target exists. */
export const moveFile = defineUseCase({
  name: "code.move-file",
  scope: "code:write",
  effect: "write",
  unaudited: DRAFT,
  input: OnBranch.extend({ path: RepoPath, to: RepoPath }),
  async run({ input, actor, project }) {
    const workspace = await workspaceOf(actor, project.id, input.branch);
    return await exclusively(workspace, async () => {
      const [from, to] = await Promise.all([locate(workspace, input.path), locate(workspace, input.to)]);
      if (!(await lstat(from).catch(() => null)))
        throw new AppError("not_found", `There is no '${input.path}' in your workspace.`, {
          field: "path",
          value: input.path,
        });
      if (await lstat(to).catch(() => null))
        throw new AppError("conflict", `'${input.to}' exists already.`, {
          field: "to",
          value: input.to,
          remedy: "Choose another name.",
        });
      await mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
      await rename(from, to);
      return { path: input.to };
    });
  },
});

/** Deletes a file or folder of the draft. What was committed stays in history. Errors: not_found, stale for a file that changed meanwhile. */
export const deleteFile = defineUseCase({
  name: "code.delete-file",
  scope: "code:write",
  effect: "write",
  unaudited: DRAFT,
  input: OnBranch.extend({ path: RepoPath, expected: z.string().optional() }),
  async run({ input, actor, project }) {
    const workspace = await workspaceOf(actor, project.id, input.branch);
    return await exclusively(workspace, async () => {
      const full = await locate(workspace, input.path);
      if (!(await lstat(full).catch(() => null)))
        throw new AppError("not_found", `There is no '${input.path}' in your workspace.`, {
          field: "path",
          value: input.path,
        });
      if (input.expected) await demandUnchanged(workspace, input.path, input.expected);
      await rm(full, { recursive: true });
      return { path: input.path };
    });
  },
});

/** Puts files of the draft back to their committed content; a new file is removed. */
export const discardChanges = defineUseCase({
  name: "code.discard-changes",
  scope: "code:write",
  effect: "write",
  unaudited: DRAFT,
  input: OnBranch.extend({ paths: z.array(RepoPath).min(1).max(1000) }),
  async run({ input, actor, project }) {
    const workspace = await workspaceOf(actor, project.id, input.branch);
    return await exclusively(workspace, async () => {
      const base = await baseOf(workspace);
      for (const file of input.paths) {
        const committed = await readFileAt(project.id, base, file);
        if (committed) await inWorkspace(workspace, ["checkout", "--quiet", base, "--", file]);
        else await rm(await locate(workspace, file), { force: true });
      }
      return { discarded: input.paths.length };
    });
  },
});

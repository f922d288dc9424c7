import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { type CommitDetail, type CommitDto, type FileDiff, RepoPath } from "./contract.ts";
import { diffFile, listCommits, readCommit } from "./history.ts";
import { listBranches, listFilesAt, readFileAt, resolveRef } from "./repository.ts";

/** Commits of a branch, newest first, or those that touched one file. */
export const getHistory = defineUseCase({
  name: "code.get-history",
  scope: "code:read",
  effect: "read",
  input: z.object({
    ref: z.string().default("main"),
    path: RepoPath.optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    skip: z.coerce.number().int().min(0).default(0),
  }),
  async run({ input, project }): Promise<{ commits: CommitDto[]; branches: string[] }> {
    const commit = await resolveRef(project.id, input.ref);
    const options = { limit: input.limit, skip: input.skip, ...(input.path ? { file: input.path } : {}) };
    const [commits, branches] = await Promise.all([listCommits(project.id, commit, options), listBranches(project.id)]);
    return { commits, branches };
  },
});

/** One commit with the files it changed. */
export const getCommit = defineUseCase({
  name: "code.get-commit",
  scope: "code:read",
  effect: "read",
  input: z.object({ commit: z.string() }),
  async run({ input, project }): Promise<CommitDetail> {
    return await readCommit(project.id, await resolveRef(project.id, input.commit));
  },
});

/** One file before and after a commit, or between any two. */
export const getFileDiff = defineUseCase({
  name: "code.get-file-diff",
  scope: "code:read",
  effect: "read",
  input: z.object({ commit: z.string(), path: RepoPath, against: z.string().optional(), from: RepoPath.optional() }),
  async run({ input, project }): Promise<FileDiff> {
    const to = await resolveRef(project.id, input.commit);
    const against = input.against
      ? await resolveRef(project.id, input.against)
      : ((await readCommit(project.id, to)).parents[0] ?? null);
    return await diffFile(project.id, { from: against, to, path: input.path, fromPath: input.from ?? input.path });
  },
});

/** The files of a branch or commit, for readers without a workspace. */
export const getTree = defineUseCase({
  name: "code.get-tree",
  scope: "code:read",
  effect: "read",
  input: z.object({ ref: z.string().default("main") }),
  async run({ input, project }): Promise<{ commit: string; paths: string[]; branches: string[] }> {
    const commit = await resolveRef(project.id, input.ref);
    const [paths, branches] = await Promise.all([listFilesAt(project.id, commit), listBranches(project.id)]);
    return { commit, paths, branches };
  },
});

/** One file at a branch or commit. Errors: not_found. */
export const getFileAt = defineUseCase({
  name: "code.get-file-at",
  scope: "code:read",
  effect: "read",
  input: z.object({ ref: z.string().default("main"), path: RepoPath }),
  async run({ input, project }): Promise<{ commit: string; path: string; text: string | null; sizeBytes: number }> {
    const commit = await resolveRef(project.id, input.ref);
    const content = await readFileAt(project.id, commit, input.path);
    if (!content)
      throw new AppError("not_found", `There is no file '${input.path}' at ${input.ref}.`, {
        field: "path",
        value: input.path,
      });
    return {
      commit,
      path: input.path,
      text: content.includes(0) ? null : content.toString("utf8"),
      sizeBytes: content.length,
    };
  },
});

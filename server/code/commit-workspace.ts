import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { RepoPath } from "./contract.ts";
import { inRepository } from "./git.ts";
import { newCommits, noteOrigins, refTargets } from "./commit-origins.ts";
import { codePushed } from "./events.ts";
import { OnBranch, workspaceOf } from "./read-workspace.ts";
import { authorship, resolveRef } from "./repository.ts";
import { syncWorkspace } from "./sync-workspace.ts";
import { exclusively, inWorkspace } from "./workspace.ts";

/**
 * Publishes chosen changes of the draft as one commit on its branch. Commits that reached the branch meanwhile are brought in first; the branch moves only
 * if it is still where that left it. Errors: conflict naming the files that must be merged, invalid_input when nothing is chosen or changed.
 */
export const commitWorkspace = defineUseCase({
  name: "code.commit-workspace",
  scope: "code:write",
  effect: "write",
  input: OnBranch.extend({
    message: z.string().trim().min(1, "Say in a line what the change does and why.").max(5000),
    paths: z.array(RepoPath).min(1, "Choose at least one changed file.").max(5000),
  }),
  async run({ input, actor, project, db, audit, publish, emit }) {
    const workspace = await workspaceOf(actor, project.id, input.branch);
    return await exclusively(workspace, async () => {
      const { head, conflicts } = await syncWorkspace(workspace);
      if (conflicts.length > 0)
        throw new AppError(
          "conflict",
          `The branch has newer changes that conflict with yours in ${conflicts.join(", ")}.`,
          { field: "paths", value: conflicts, remedy: "Open these files, merge both sides, then commit." },
        );
      const user = await db.user.findUnique({ where: { id: workspace.userId }, select: { name: true, email: true } });
      const author = authorship({ name: user?.name ?? actor.name, email: user?.email ?? "" });
      await inWorkspace(workspace, ["add", "--all", "--", ...input.paths]);
      const tree = (await inWorkspace(workspace, ["write-tree"])).stdout.toString().trim();
      const before = (await inWorkspace(workspace, ["rev-parse", `${head}^{tree}`])).stdout.toString().trim();
      if (tree === before)
        throw new AppError("invalid_input", "The chosen files do not differ from the last commit.", {
          field: "paths",
          value: input.paths,
          remedy: "Change something first.",
        });
      const commit = (
        await inWorkspace(workspace, ["commit-tree", tree, "-p", head, "-F", "-"], {
          input: input.message,
          env: author,
        })
      ).stdout
        .toString()
        .trim();
      // By itself and before the branch moves: Git takes nothing back when the transaction does, and whom a commit is from would never be noted later.
      await noteOrigins(prisma(), actor, project.id, [commit]);
      const moved = await inRepository(project.id, ["update-ref", `refs/heads/${input.branch}`, commit, head], {
        accept: [1, 128],
      });
      if (moved.code !== 0)
        throw new AppError("conflict", `The branch ${input.branch} moved while you were committing.`, {
          field: "branch",
          value: input.branch,
          remedy: "Commit again.",
        });
      await inWorkspace(workspace, ["update-ref", "--no-deref", "HEAD", commit, head]);
      const [subject = ""] = input.message.split("\n");
      await audit({
        action: "code.committed",
        subject: { type: "commit", id: commit },
        summary: `${actor.name} committed to ${input.branch}: ${subject}`,
        details: { branch: input.branch, files: input.paths.slice(0, 100) },
      });
      await emit(codePushed, { projectId: project.id, branch: input.branch, commit });
      await publish("code", commit);
      return { commit, branch: input.branch };
    });
  },
});

/** Makes a new branch at the newest commit of another, or at a commit. Errors: not_found for what there is not, conflict when it exists. */
export const createBranch = defineUseCase({
  name: "code.create-branch",
  scope: "code:write",
  effect: "write",
  input: z.object({ name: OnBranch.shape.branch, from: z.string().default("main") }),
  async run({ input, actor, project, audit, publish }) {
    const from = await resolveRef(project.id, input.from);
    // A commit that no ref had may lie in the repository all the same, left by a push that was refused.
    await noteOrigins(prisma(), actor, project.id, await newCommits(project.id, [from], await refTargets(project.id)));
    const made = await inRepository(project.id, ["branch", "--no-track", input.name, from], { accept: [128] });
    if (made.code !== 0)
      throw new AppError(
        "conflict",
        `The branch '${input.name}' cannot be made: ${made.stderr.trim().replace(/^fatal: /, "")}.`,
        { field: "name", value: input.name, remedy: "Choose another name." },
      );
    await audit({
      action: "code.branch_created",
      subject: { type: "branch", id: input.name },
      summary: `${actor.name} made the branch ${input.name} from ${input.from}`,
    });
    await publish("code", input.name);
    return { branch: input.name };
  },
});

import { AppError } from "#server/kernel/errors.ts";
import { inRepository } from "./git.ts";

/** Whether a commit is on a branch: the branch's head or one of its ancestors. */
export async function isOnBranch(projectId: string, commit: string, branch = "main"): Promise<boolean> {
  const asked = await inRepository(projectId, ["merge-base", "--is-ancestor", commit, `refs/heads/${branch}`], {
    accept: [1, 128],
  });
  return asked.code === 0;
}

/** Whether a commit is another or one of its ancestors. */
export async function isAncestor(projectId: string, commit: string, of: string): Promise<boolean> {
  const asked = await inRepository(projectId, ["merge-base", "--is-ancestor", commit, of], { accept: [1, 128] });
  return asked.code === 0;
}

export interface ChangeOf {
  readonly commit: string;
  /** Lower case. */
  readonly email: string;
  readonly subject: string;
}

const MOST = 1000;

/**
 * Commits up to `upTo` that changed something under `path`, newest first, without those that `after` has already. A merge is one of them when it leaves a
 * file there as none of its parents has it: then it holds a change of its own. Errors: too_large for more than 1,000 commits to look through.
 */
export async function changesOf(
  projectId: string,
  path: string,
  range: { readonly after: string | null; readonly upTo: string },
): Promise<ChangeOf[]> {
  const { stdout } = await inRepository(projectId, [
    "log",
    `--max-count=${MOST + 1}`,
    "--diff-merges=combined",
    "--name-only",
    "--format=%x1e%H%x1f%ae%x1f%s%x1f",
    range.upTo,
    ...(range.after === null ? [] : [`^${range.after}`]),
    "--",
    path,
  ]);
  const records = stdout.toString().split("\x1e").slice(1);
  if (records.length > MOST)
    throw new AppError("too_large", `More than ${MOST} commits changed ${path} since the last publication.`, {
      field: "commit",
      value: range.upTo,
      remedy: "Publish an earlier commit first.",
    });
  return records.flatMap((record) => {
    const [commit = "", email = "", subject = "", files = ""] = record.split("\x1f");
    return files.trim() === "" ? [] : [{ commit, email: email.toLowerCase(), subject }];
  });
}

import { inRepository } from "./git.ts";

/** Whether a commit is on a branch: the branch's head or one of its ancestors. */
export async function isOnBranch(projectId: string, commit: string, branch = "main"): Promise<boolean> {
  const asked = await inRepository(projectId, ["merge-base", "--is-ancestor", commit, `refs/heads/${branch}`], {
    accept: [1, 128],
  });
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
 * Commits up to `upTo` that changed something under `path`, newest first, without those that `after` has already. A merge is one of them when what it
 * leaves under `path` is not what one of its parents has: it may hold changes of its own.
 */
export async function changesOf(
  projectId: string,
  path: string,
  range: { readonly after: string | null; readonly upTo: string },
): Promise<ChangeOf[]> {
  const { stdout } = await inRepository(projectId, [
    "log",
    `--max-count=${MOST}`,
    "--format=%H%x1f%ae%x1f%s%x1e",
    range.upTo,
    ...(range.after === null ? [] : [`^${range.after}`]),
    "--",
    path,
  ]);
  return stdout
    .toString()
    .split("\x1e")
    .map((record) => record.trim())
    .filter(Boolean)
    .map((record) => {
      const [commit = "", email = "", subject = ""] = record.split("\x1f");
      return { commit, email: email.toLowerCase(), subject };
    });
}

import type { FileStatus } from "./contract.ts";
import { inRepository } from "./git.ts";
import { STATUS } from "./history.ts";
import { resolveRef } from "./repository.ts";

/** How far a branch has moved on from a commit. */
export interface CommitDistance {
  readonly branch: string;
  readonly head: string;
  /** Commits of the branch that the commit does not hold; 0 at its head. */
  readonly behind: number;
  /** Commits that the branch does not hold; above 0 the commit lies beside it. */
  readonly ahead: number;
  /** What differs between the two, at most `MOST_FILES`. */
  readonly files: readonly { readonly path: string; readonly status: FileStatus }[];
}

const MOST_FILES = 200;

/** How a commit lies to the newest commit of a branch, and which files differ. Errors: not_found for either. */
export async function compareCommits(projectId: string, commit: string, branch: string): Promise<CommitDistance> {
  const [from, head] = [await resolveRef(projectId, commit), await resolveRef(projectId, branch)];
  const counted = await inRepository(projectId, ["rev-list", "--left-right", "--count", `${from}...${head}`]);
  const [ahead = "0", behind = "0"] = counted.stdout.toString().trim().split(/\s+/);
  const out = await inRepository(projectId, ["diff", "--no-renames", "--name-status", "-z", from, head]);
  const parts = out.stdout.toString().split("\0").filter(Boolean);
  const files: { path: string; status: FileStatus }[] = [];
  for (let i = 0; i + 1 < parts.length && files.length < MOST_FILES; i += 2)
    files.push({ path: parts[i + 1] ?? "", status: STATUS[parts[i] ?? ""] ?? "modified" });
  return { branch, head, behind: Number(behind), ahead: Number(ahead), files };
}

import { AppError } from "#server/kernel/errors.ts";
import type { CommitDetail, CommitDto, FileDiff, FileStatus } from "./contract.ts";
import { inRepository } from "./git.ts";
import { readFileAt } from "./repository.ts";

const FORMAT = ["%H", "%P", "%an", "%ae", "%aI", "%s", "%b"].join("%x1f");
export const STATUS: Readonly<Record<string, FileStatus>> = {
  A: "added",
  M: "modified",
  D: "deleted",
  R: "renamed",
  T: "modified",
  U: "conflict",
};

function commitOf(record: string): CommitDto {
  const [sha = "", parents = "", author = "", email = "", at = "", subject = "", body = ""] = record.split("\x1f");
  return {
    sha,
    parents: parents.split(" ").filter(Boolean),
    author,
    email,
    at: new Date(at).toISOString(),
    subject,
    body: body.trim(),
  };
}

/** Commits that lead to `ref`, newest first; those that touched `file`, through renames, when it is given. */
export async function listCommits(
  projectId: string,
  ref: string,
  options: { file?: string; limit: number; skip: number },
): Promise<CommitDto[]> {
  const follow = options.file ? ["--follow"] : [];
  const file = options.file ? ["--", options.file] : [];
  const out = await inRepository(projectId, [
    "log",
    `--max-count=${options.limit}`,
    `--skip=${options.skip}`,
    `--format=${FORMAT}%x1e`,
    ...follow,
    "--end-of-options",
    ref,
    ...file,
  ]);
  return out.stdout
    .toString()
    .split("\x1e")
    .map((record) => record.trim())
    .filter(Boolean)
    .map(commitOf);
}

/** One commit with the files it changed against its first parent. */
export async function readCommit(projectId: string, sha: string): Promise<CommitDetail> {
  const [commit] = await listCommits(projectId, sha, { limit: 1, skip: 0 });
  if (!commit) throw new AppError("not_found", `There is no commit '${sha}'.`, { field: "commit", value: sha });
  const range = ["-r", "-z", "-M", "--root", "--no-commit-id", "--first-parent", "-m", sha];
  const [names, numbers] = await Promise.all([
    inRepository(projectId, ["diff-tree", "--name-status", ...range]),
    inRepository(projectId, ["diff-tree", "--numstat", ...range]),
  ]);
  const counts = parseNumstat(numbers.stdout.toString());
  return {
    ...commit,
    files: parseNameStatus(names.stdout.toString()).map((file) => ({
      ...file,
      ...(counts.get(file.path) ?? { additions: null, deletions: null }),
    })),
  };
}

/** `git diff --name-status -z`: a letter, then one path, or two for a rename. */
export function parseNameStatus(text: string): { path: string; from: string | null; status: FileStatus }[] {
  const parts = text.split("\0").filter(Boolean);
  const files: { path: string; from: string | null; status: FileStatus }[] = [];
  for (let i = 0; i < parts.length; ) {
    const letter = (parts[i] ?? "").charAt(0);
    const renamed = letter === "R" || letter === "C";
    files.push({
      path: parts[i + (renamed ? 2 : 1)] ?? "",
      from: renamed ? (parts[i + 1] ?? null) : null,
      status: STATUS[letter] ?? "modified",
    });
    i += renamed ? 3 : 2;
  }
  return files;
}

function parseNumstat(text: string): Map<string, { additions: number | null; deletions: number | null }> {
  const parts = text.split("\0");
  const counts = new Map<string, { additions: number | null; deletions: number | null }>();
  for (let i = 0; i < parts.length; i++) {
    const [added = "", removed = "", path = ""] = (parts[i] ?? "").split("\t");
    if (added === "") continue;
    const target = path === "" ? (parts[(i += 2)] ?? "") : path;
    const number = (value: string): number | null => (value === "-" ? null : Number(value));
    counts.set(target, { additions: number(added), deletions: number(removed) });
  }
  return counts;
}

/** One file before and after: at two commits, or at a commit and its first parent when `from` is absent. */
export async function diffFile(
  projectId: string,
  options: { from: string | null; to: string; path: string; fromPath: string },
): Promise<FileDiff> {
  const read = async (commit: string | null, file: string): Promise<Buffer | null> =>
    commit ? await readFileAt(projectId, commit, file) : null;
  const [before, after] = await Promise.all([read(options.from, options.fromPath), read(options.to, options.path)]);
  const binary = [before, after].some((content) => content?.includes(0) ?? false);
  return {
    path: options.path,
    before: binary ? null : (before?.toString("utf8") ?? null),
    after: binary ? null : (after?.toString("utf8") ?? null),
    binary,
  };
}

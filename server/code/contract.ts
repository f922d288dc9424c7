import { z } from "zod";

/** A path inside the repository: relative, no "..", nothing under .git. */
export const RepoPath = z
  .string()
  .min(1, "Name a file.")
  .max(400)
  .refine(
    (path) => !path.startsWith("/") && !path.includes("\\") && !path.includes("\0"),
    "Use a relative path with forward slashes.",
  )
  .refine(
    (path) =>
      path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && part.toLowerCase() !== ".git"),
    "The path may not leave the repository.",
  );

export const BranchName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/, "Use letters, digits, dots, hyphens and slashes.")
  .refine(
    (name) => !name.includes("..") && !name.endsWith("/") && !name.endsWith(".lock") && !name.includes("//"),
    "That is not a branch name Git accepts.",
  );

/** Text larger than this is not edited in the browser. */
export const MAX_EDIT_BYTES = 2_000_000;

export interface TreeEntry {
  readonly path: string;
  readonly kind: "file" | "folder";
  readonly sizeBytes: number | null;
}

export type FileStatus = "added" | "modified" | "deleted" | "renamed" | "conflict";

export interface WorkspaceChange {
  readonly path: string;
  readonly status: FileStatus;
  readonly from: string | null;
}

export interface WorkspaceDto {
  readonly branch: string;
  /** The commit that the draft is based on. */
  readonly base: string;
  /** The newest commit of the branch; differs from `base` only while a conflict waits. */
  readonly head: string;
  readonly branches: readonly string[];
  readonly entries: readonly TreeEntry[];
  readonly changes: readonly WorkspaceChange[];
  readonly conflicts: readonly string[];
}

export interface FileDto {
  readonly path: string;
  /** Git's blob id of the content; the ETag that a save must name. */
  readonly blob: string;
  readonly sizeBytes: number;
  /** Null for a binary or very large file. */
  readonly text: string | null;
}

/** What a save meets when the file changed meanwhile: the text now stored, and the one both started from. */
export interface Conflict {
  readonly path: string;
  readonly current: FileDto | null;
  readonly base: string | null;
}

export interface CommitDto {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly author: string;
  readonly email: string;
  readonly at: string;
  readonly subject: string;
  readonly body: string;
}

export interface CommitDetail extends CommitDto {
  readonly files: readonly {
    readonly path: string;
    readonly from: string | null;
    readonly status: FileStatus;
    readonly additions: number | null;
    readonly deletions: number | null;
  }[];
}

/** Both sides of one file, for a diff view; null where it does not exist, `binary` where it is not text. */
export interface FileDiff {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly binary: boolean;
}

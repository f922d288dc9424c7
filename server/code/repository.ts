import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { AppError } from "#server/kernel/errors.ts";
import { git, inRepository, repositoryDir } from "./git.ts";

const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const COMMIT = /^[0-9a-f]{40}$/;

export interface Author {
  readonly name: string;
  readonly email: string;
}

/** Environment that makes git record `author` as author and committer. */
export function authorship({ name, email }: Author): Record<string, string> {
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}

/**
 * Creates the project's bare repository with one commit on main, holding what is in `fromDir` (minus what its .gitignore names), or a README alone.
 * Does nothing when the repository exists. Commits that runs name must never be lost, so branches cannot be deleted or rewritten.
 */
export async function createRepository(
  projectId: string,
  title: string,
  author: Author,
  fromDir?: string,
): Promise<void> {
  const dir = repositoryDir(projectId);
  if (existsSync(path.join(dir, "HEAD"))) return;
  await mkdir(path.dirname(dir), { recursive: true });
  await git(["init", "--quiet", "--bare", "--initial-branch=main", dir]);
  for (const [key, value] of [
    ["receive.denyNonFastForwards", "true"],
    ["receive.denyDeletes", "true"],
    ["http.receivepack", "true"],
    ["gc.auto", "0"],
  ] as const)
    await inRepository(projectId, ["config", key, value]);
  const scratch = await mkdtemp(path.join(os.tmpdir(), "touchstone-index-"));
  try {
    const index = { GIT_INDEX_FILE: path.join(scratch, "index") };
    let tree = EMPTY_TREE;
    if (fromDir) {
      await git([`--git-dir=${dir}`, `--work-tree=${fromDir}`, "add", "--all", "."], { cwd: fromDir, env: index });
      tree = (await inRepository(projectId, ["write-tree"], { env: index })).stdout.toString().trim();
    } else {
      const blob = (await inRepository(projectId, ["hash-object", "-w", "--stdin"], { input: `# ${title}\n` })).stdout
        .toString()
        .trim();
      tree = (await inRepository(projectId, ["mktree"], { input: `100644 blob ${blob}\tREADME.md\n` })).stdout
        .toString()
        .trim();
    }
    const message = fromDir ? `Start ${title} from the sample` : `Start ${title}`;
    const commit = (
      await inRepository(projectId, ["commit-tree", tree, "-m", message], { env: authorship(author) })
    ).stdout
      .toString()
      .trim();
    await inRepository(projectId, ["update-ref", "refs/heads/main", commit]);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The commit that a branch, tag or (abbreviated) commit id names. Errors: not_found. */
export async function resolveRef(projectId: string, ref: string): Promise<string> {
  const known = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(ref) && !ref.includes("..");
  const found = known
    ? await inRepository(projectId, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`], {
        accept: [1, 128],
      })
    : null;
  const commit = found?.stdout.toString().trim() ?? "";
  if (COMMIT.test(commit)) return commit;
  throw new AppError("not_found", `The repository has no branch or commit '${ref}'.`, {
    field: "ref",
    value: ref,
    remedy: "Name a branch such as main, or a commit id.",
  });
}

/** Branch names, main first, the rest by name. */
export async function listBranches(projectId: string): Promise<string[]> {
  const out = (
    await inRepository(projectId, ["for-each-ref", "--format=%(refname:short)", "refs/heads"])
  ).stdout.toString();
  const names = out.split("\n").filter(Boolean);
  return names.sort((a, b) => (a === "main" ? -1 : b === "main" ? 1 : a.localeCompare(b)));
}

/** The bytes of a file at a commit, or null when there is none. */
export async function readFileAt(projectId: string, commit: string, file: string): Promise<Buffer | null> {
  const found = await inRepository(projectId, ["cat-file", "blob", `${commit}:${file}`], { accept: [128] });
  return found.code === 0 ? found.stdout : null;
}

/** Paths of all files at a commit. */
export async function listFilesAt(projectId: string, commit: string): Promise<string[]> {
  return (await inRepository(projectId, ["ls-tree", "-r", "-z", "--name-only", commit])).stdout
    .toString()
    .split("\0")
    .filter(Boolean);
}

/** Writes the files of a commit into `dir`, without any trace of git; symbolic links stay links inside it. */
export async function checkoutCommit(projectId: string, commit: string, dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const scratch = await mkdtemp(path.join(os.tmpdir(), "touchstone-index-"));
  try {
    const options = { env: { GIT_INDEX_FILE: path.join(scratch, "index") } };
    await inRepository(projectId, ["read-tree", commit], options);
    await inRepository(projectId, [`--work-tree=${dir}`, "checkout-index", "--all", "--force"], {
      ...options,
      cwd: dir,
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { env } from "#server/platform/env.ts";

/** Where one attempt works: `code` is the checkout and working directory, `inputs` what it reads, `home` and `tmp` are its own. */
export interface AttemptFolder {
  readonly root: string;
  readonly code: string;
  readonly inputs: string;
  readonly home: string;
  readonly tmp: string;
}

const workDir = (): string => path.join(env().dataDir, "work");

export async function makeAttemptFolder(attemptId: string): Promise<AttemptFolder> {
  const root = path.join(workDir(), attemptId);
  const folder = {
    root,
    code: path.join(root, "code"),
    inputs: path.join(root, "inputs"),
    home: path.join(root, "home"),
    tmp: path.join(root, "tmp"),
  };
  await mkdir(root, { recursive: true });
  for (const dir of [folder.code, folder.inputs, folder.home, folder.tmp]) await mkdir(dir);
  return folder;
}

export async function removeAttemptFolder(folder: AttemptFolder): Promise<void> {
  await rm(folder.root, { recursive: true, force: true, maxRetries: 2, retryDelay: 100 });
}

/** Removes what killed workers left behind: the folders of attempts that nobody runs any more. */
export async function sweepAttemptFolders(
  isRunning: (attemptIds: string[]) => Promise<ReadonlySet<string>>,
): Promise<void> {
  const names = await readdir(workDir()).catch(() => []);
  const running = await isRunning(names);
  for (const name of names)
    if (!running.has(name)) await rm(path.join(workDir(), name), { recursive: true, force: true });
}

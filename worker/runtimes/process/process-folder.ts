import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { env } from "#server/platform/env.ts";

/** Where one process works: `code` is its working directory, `inputs` what it reads and cannot write, `home` and `tmp` are its own. */
export interface ProcessFolder {
  readonly root: string;
  readonly code: string;
  readonly inputs: string;
  readonly home: string;
  readonly tmp: string;
}

const parent = (): string => path.join(env().dataDir, "processes");
const host = (): string => os.hostname().replaceAll(/[^\w-]/g, "_");

/** Makes an empty folder for a process of this worker. */
export async function makeProcessFolder(): Promise<ProcessFolder> {
  const root = path.join(parent(), `${host()}.${process.pid}.${randomUUID()}`);
  const inside = (name: string) => path.join(root, name);
  const folder = { root, code: inside("code"), inputs: inside("inputs"), home: inside("home"), tmp: inside("tmp") };
  for (const dir of [folder.code, folder.inputs, folder.home, folder.tmp]) await mkdir(dir, { recursive: true });
  return folder;
}

export async function removeProcessFolder({ root }: ProcessFolder): Promise<void> {
  await rm(root, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
}

/** Removes what killed workers of this machine left behind. */
export async function sweepProcessFolders(): Promise<void> {
  for (const name of await readdir(parent()).catch(() => [])) {
    const [owner, pid] = name.split(".");
    if (owner !== host() || pid === undefined || isRunning(Number(pid))) continue;
    await rm(path.join(parent(), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process, but one that runs.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { birthOf } from "./processes.ts";

type Owner = { pid: number; born: string | null };

export type Lock = { release(): void };

function read(file: string): Owner | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Owner;
  } catch {
    return null;
  }
}

function lives(owner: Owner | null): owner is Owner {
  return owner !== null && owner.born !== null && birthOf(owner.pid) === owner.born;
}

/**
 * Takes the lock `file`, or returns the id of the process that holds it. A lock whose process is gone, even by SIGKILL or a reboot, counts as free.
 */
export function takeLock(file: string): Lock | { heldBy: number } {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, born: birthOf(process.pid) } satisfies Owner), { mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(own, file); // the one act that only a single process can do
        return {
          release() {
            if (read(file)?.pid === process.pid) rmSync(file, { force: true });
          },
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const owner = read(file);
      if (lives(owner)) return { heldBy: owner.pid };
      setAside(file, `${own}.stale`);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** Removes a dead lock. Between the look and the move another may have taken it: then what was moved lives, and goes back. */
function setAside(file: string, aside: string): void {
  try {
    renameSync(file, aside);
  } catch {
    return; // another was faster
  }
  try {
    if (lives(read(aside))) linkSync(aside, file);
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Waits for the lock `file`, then runs `work` with it. `waiting` is told once who holds it. */
export async function withLock<T>(file: string, waiting: (pid: number) => void, work: () => Promise<T>): Promise<T> {
  let told = false;
  for (;;) {
    const lock = takeLock(file);
    if (!("heldBy" in lock)) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (!told) waiting(lock.heldBy);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { commandLine } from "./processes.ts";

/**
 * Clears what a crashed launcher left in the data directory `data`. A Postgres that still runs on it is stopped; a pid that now belongs to some
 * other program (after a reboot, or in a new container) would make Postgres refuse to start, so the pid file goes. Call only while
 * holding the launch lock of the directory.
 */
export async function clearStalePostmaster(data: string): Promise<void> {
  const file = path.join(data, "postmaster.pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8").split("\n", 1)[0]);
  if (!Number.isInteger(pid) || pid <= 1) {
    rmSync(file, { force: true });
    return;
  }
  const runs = () => commandLine(pid).includes(data);
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    if (!runs()) break;
    try {
      process.kill(pid, signal);
    } catch {
      break; // it ended in between
    }
    for (let i = 0; i < 100 && runs(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  if (runs()) throw new Error(`An earlier Postgres (process ${pid}) still runs on ${data}. Stop it and start again.`);
  rmSync(file, { force: true });
}

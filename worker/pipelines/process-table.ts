import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly rssBytes: number;
}

const PAGE_BYTES = 4096;

function fromProc(): ProcessRow[] {
  const rows: ProcessRow[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      // The second field is the command in brackets and may hold anything; the rest counts from behind its last bracket.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      rows.push({
        pid,
        parent: Number(fields[1]),
        group: Number(fields[2]),
        rssBytes: Number(fields[21]) * PAGE_BYTES,
      });
    } catch {
      // It ended while we were looking.
    }
  }
  return rows;
}

function fromPs(): ProcessRow[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,pgid=,rss="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    const [pid, parent, group, kib] = line.trim().split(/\s+/).map(Number);
    return pid === undefined || kib === undefined
      ? []
      : [{ pid, parent: parent ?? 0, group: group ?? 0, rssBytes: kib * 1024 }];
  });
}

/** Every process of the machine, now. */
export function readProcessTable(): ProcessRow[] {
  return process.platform === "linux" ? fromProc() : fromPs();
}

/** A process with all it started, directly or not, and whatever else is in its group, such as a child that detached itself. */
export function processTree(table: readonly ProcessRow[], root: number): ProcessRow[] {
  const byParent = Map.groupBy(table, (row) => row.parent);
  const found = new Map(table.filter((row) => row.pid === root || row.group === root).map((row) => [row.pid, row]));
  // A Map visits what is added during the visit, so this walks down to the last descendant.
  for (const [pid] of found) for (const child of byParent.get(pid) ?? []) found.set(child.pid, child);
  return [...found.values()];
}

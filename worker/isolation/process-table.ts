import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly rssBytes: number;
}

/** The kernel counts resident memory in pages, whose size depends on the machine: found by comparing its two ways of telling ours. */
function measurePage(): number {
  try {
    const stat = readFileSync("/proc/self/stat", "latin1");
    const pages = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[21]);
    const kib = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1]);
    return [4096, 16_384, 65_536].find((size) => (kib * 1024) / pages < size * 2) ?? 4096;
  } catch {
    return 4096;
  }
}

const PAGE_BYTES = measurePage();

function readRow(pid: number): ProcessRow | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the command in brackets and may hold anything; the rest counts from behind its last bracket.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { pid, parent: Number(fields[1]), group: Number(fields[2]), rssBytes: Number(fields[21]) * PAGE_BYTES };
  } catch {
    return null; // It ended while we were looking.
  }
}

function fromProc(): ProcessRow[] {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    const row = Number.isInteger(pid) ? readRow(pid) : null;
    return row ? [row] : [];
  });
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

/** Every process of the machine, now. Costs some 10 ms where a few hundred run. */
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

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "latin1").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

let knowsChildren: boolean | undefined;

/**
 * A process with all below it, asking only for these: the cost does not grow with what else runs on the machine. What has left the tree for its group is not
 * found; inside a process namespace nothing can. Null where the kernel does not tell a process's children.
 */
export function descend(root: number): ProcessRow[] | null {
  knowsChildren ??= process.platform === "linux" && childrenFileExists();
  if (!knowsChildren) return null;
  const pids = [root];
  for (const pid of pids) pids.push(...childrenOf(pid));
  return pids.flatMap((pid) => {
    const row = readRow(pid);
    return row ? [row] : [];
  });
}

function childrenFileExists(): boolean {
  try {
    readFileSync(`/proc/self/task/${process.pid}/children`);
    return true;
  } catch {
    return false;
  }
}

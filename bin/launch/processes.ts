import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The command line of a process, or "" when there is none with that id. */
export function commandLine(pid: number): string {
  if (process.platform === "linux") {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    } catch {
      return "";
    }
  }
  return spawnSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" }).stdout.trim();
}

/** When a process began, in the machine's own words; null when it does not run. With the id it names one process for ever: ids are used again. */
export function birthOf(pid: number): string | null {
  if (process.platform === "linux") {
    try {
      // The second field is the program's name in brackets and may hold spaces; field 22 counts from behind it.
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" ? null : (fields[19] ?? null);
    } catch {
      return null;
    }
  }
  const born = spawnSync("ps", ["-p", String(pid), "-o", "lstart="], { encoding: "utf8" }).stdout.trim();
  return born === "" ? null : born;
}

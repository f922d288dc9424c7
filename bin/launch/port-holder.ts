import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { commandLine } from "./processes.ts";

export type PortHolder = { pid: number; command: string };

const LISTEN = "0A";

/** The process that listens on TCP `port`, or null when it cannot be told (another person's process, or no tool to ask). */
export function portHolder(port: number): PortHolder | null {
  const pid = process.platform === "linux" ? pidOfSocket(listeningSockets(port)) : askLsof(port);
  return pid === null ? null : { pid, command: shorten(commandLine(pid)) };
}

function listeningSockets(port: number): Set<string> {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    let text = "";
    try {
      text = readFileSync(table, "utf8");
    } catch {
      continue;
    }
    for (const row of text.split("\n").slice(1)) {
      const fields = row.trim().split(/\s+/);
      if (fields[3] === LISTEN && fields[1]?.endsWith(`:${hex}`) && fields[9] !== undefined) inodes.add(fields[9]);
    }
  }
  return inodes;
}

function pidOfSocket(inodes: Set<string>): number | null {
  if (inodes.size === 0) return null;
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      for (const fd of readdirSync(`/proc/${entry}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${entry}/fd/${fd}`))?.[1];
        if (inode !== undefined && inodes.has(inode)) return Number(entry);
      }
    } catch {
      // ended meanwhile, or not ours to look into
    }
  }
  return null;
}

function askLsof(port: number): number | null {
  const out = spawnSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-t"], { encoding: "utf8" });
  const pid = Number.parseInt(out.stdout, 10);
  return Number.isInteger(pid) ? pid : null;
}

function shorten(command: string): string {
  return command.length <= 60 ? command : `${command.slice(0, 59)}…`;
}

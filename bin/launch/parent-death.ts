import { spawnSync } from "node:child_process";

let available: boolean | undefined;

/**
 * The words to put before a command so that Linux signals it when its parent dies, even by SIGKILL; empty where `setpriv` is missing.
 * `INT` is Postgres' fast shutdown, `TERM` is what our processes drain on, `KILL` is for those that keep nothing.
 */
export function dieWithParent(signal: "INT" | "TERM" | "KILL"): string[] {
  available ??= process.platform === "linux" && spawnSync("setpriv", ["--pdeathsig", "TERM", "true"]).status === 0;
  return available ? ["setpriv", "--pdeathsig", signal] : [];
}

import { spawnSync } from "node:child_process";

let available: boolean | undefined;

/**
 * The words to put before a command so that Linux signals it when its parent dies, even by SIGKILL; empty where `setpriv` is missing.
 * `INT` is Postgres' fast shutdown, `TERM` is what Node processes drain on.
 */
export function dieWithParent(signal: "INT" | "TERM"): string[] {
  available ??= process.platform === "linux" && spawnSync("setpriv", ["--pdeathsig", "TERM", "true"]).status === 0;
  return available ? ["setpriv", "--pdeathsig", signal] : [];
}

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.join(import.meta.dirname, "../..");

/** The version a program states of itself ("2.39.5"), or null when it is missing or does not run. */
export function versionOf(program: string, args = ["--version"]): string | null {
  const result = spawnSync(program, args, { encoding: "utf8", timeout: 10_000 });
  if (result.error !== undefined || result.status !== 0) return null;
  return /\d+\.\d+(\.\d+)?/.exec(result.stdout + result.stderr)?.[0] ?? null;
}

/** Whether the git here can serve clones and pushes: some systems pack that part separately. */
export function gitServesHttp(): boolean {
  const execPath = spawnSync("git", ["--exec-path"], { encoding: "utf8" });
  if (execPath.status !== 0) return false;
  const backend = path.join(execPath.stdout.trim(), "git-http-backend");
  return spawnSync("test", ["-x", backend]).status === 0;
}

/** Direct dependencies whose installed version is not the one package.json names: "next 16.4.6 (installed: 16.4.5)". */
export function staleDependencies(root = ROOT): string[] {
  const wanted = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  return Object.entries(wanted.dependencies).flatMap(([name, version]) => {
    let installed = "none";
    try {
      const file = path.join(root, "node_modules", name, "package.json");
      installed = (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
    } catch {
      // not installed at all
    }
    return installed === version ? [] : [`${name} ${version} (installed: ${installed})`];
  });
}

export const REMEDY_GIT =
  "Install it (Debian, Ubuntu: apt-get install git; macOS: xcode-select --install) and start again.";
export const REMEDY_PYTHON =
  "Pipelines in Python need it: install it (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python) or name it with PYTHON.";

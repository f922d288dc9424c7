import { spawn } from "node:child_process";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { env, toolVariables } from "#server/platform/env.ts";
import { WATCHED_SCRIPT } from "../isolation/isolation-scripts.ts";

export interface ToolResult {
  readonly code: number | null;
  readonly output: string;
}

/** The environment of package tools: where indexes and proxies are, caches in DATA_DIR, and nothing of Touchstone's own. */
function variables(): Record<string, string> {
  const cache = path.join(env().dataDir, "cache");
  return {
    PATH: env().PATH,
    HOME: os.homedir(),
    LANG: "C.UTF-8",
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    PIP_NO_INPUT: "1",
    ...toolVariables(),
    PIP_CACHE_DIR: path.join(cache, "pip"),
    UV_CACHE_DIR: path.join(cache, "uv"),
    UV_NO_PROGRESS: "1",
  };
}

const KEPT_CHARS = 200_000;

/** Runs a tool and hands over each line it writes. It ends with the worker, however that ends, and with `signal`. */
export async function runTool(
  argv: readonly string[],
  options: { signal: AbortSignal; onLine?: (line: string) => void },
): Promise<ToolResult> {
  return await new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", WATCHED_SCRIPT, "tool", ...argv], {
      detached: true,
      env: variables() as unknown as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of child.stdio) stream?.on("error", () => undefined);
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        output = `${output}${line}\n`.slice(-KEPT_CHARS);
        options.onLine?.(line);
      });
    }
    const killGroup = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        // Nobody is left in it.
      }
    };
    options.signal.addEventListener("abort", killGroup, { once: true });
    child.once("error", (error) => {
      options.signal.removeEventListener("abort", killGroup);
      resolve({ code: null, output: `${output}${error.message}\n` });
    });
    child.once("exit", killGroup);
    child.once("close", (code) => {
      options.signal.removeEventListener("abort", killGroup);
      resolve({ code, output });
    });
  });
}

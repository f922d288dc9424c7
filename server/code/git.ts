import { spawn } from "node:child_process";
import path from "node:path";
import { AppError } from "#server/kernel/errors.ts";
import { env } from "#server/platform/env.ts";

export interface GitOptions {
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** Exit codes that are answers, not failures; 0 always is. */
  readonly accept?: readonly number[];
  /** Bytes of output after which the command is ended with too_large. */
  readonly maxBytes?: number;
}

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Folder of a project's bare repository. */
export function repositoryDir(projectId: string): string {
  return path.join(env().dataDir, "git", `${projectId}.git`);
}

/** What git may see of the environment: nothing of the machine's or the person's configuration, no prompts, no foreign hooks. */
export function gitEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: env().PATH,
    HOME: env().dataDir,
    LC_ALL: "C.UTF-8",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    // A pushed refs/replace/… would show every reader another history than the one that the ids name.
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_CONFIG_COUNT: "3",
    GIT_CONFIG_KEY_0: "safe.directory",
    GIT_CONFIG_VALUE_0: "*",
    GIT_CONFIG_KEY_1: "core.quotePath",
    GIT_CONFIG_VALUE_1: "false",
    GIT_CONFIG_KEY_2: "core.autocrlf",
    GIT_CONFIG_VALUE_2: "false",
    ...extra,
  };
}

/**
 * Runs the system's git and returns its output. Arguments are never seen by a shell. Errors: unavailable when git is missing, too_large past `maxBytes`;
 * any other failure is a defect and thrown with git's own words.
 */
export async function git(args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  const { maxBytes = 64 * 1024 * 1024, accept = [] } = options;
  return await new Promise((resolve, reject) => {
    const child = spawn("git", args, {
      cwd: options.cwd,
      env: gitEnvironment(options.env) as NodeJS.ProcessEnv,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    let size = 0;
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) child.kill("SIGKILL");
      else out.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-8_000);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "ENOENT"
          ? new AppError("unavailable", "git is not installed on the server.", {
              remedy: "Install git (e.g. apt-get install git) and try again.",
            })
          : error,
      );
    });
    child.on("close", (code) => {
      if (size > maxBytes)
        reject(
          new AppError("too_large", "The answer of git is too large to show.", {
            remedy: "Clone the repository and look there.",
          }),
        );
      else if (code === 0 || (code !== null && accept.includes(code)))
        resolve({ code, stdout: Buffer.concat(out), stderr });
      else
        reject(
          new Error(
            `git ${args
              .filter((a) => !a.startsWith("-"))
              .slice(0, 2)
              .join(" ")} failed (${code}): ${stderr.trim()}`,
          ),
        );
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** As `git`, inside a project's bare repository. */
export function inRepository(projectId: string, args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  return git([`--git-dir=${repositoryDir(projectId)}`, ...args], options);
}

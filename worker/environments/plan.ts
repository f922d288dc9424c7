import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import { readFileAt } from "#server/code/index.ts";
import { canonicalJson } from "#server/kernel/canonical-json.ts";
import { env } from "#server/platform/env.ts";
import { EnvironmentError } from "./failure.ts";
import { versionFits } from "./python-version.ts";
import { checkRequirements } from "./requirements.ts";
import { runTool } from "./run-tool.ts";

/** What an environment is made of, and where it lies. */
export interface EnvironmentPlan {
  readonly hash: string;
  readonly dir: string;
  readonly tool: "uv" | "venv";
  /** The program of the tool: uv, or the Python that makes the environment. */
  readonly program: string;
  readonly python: { readonly path: string; readonly version: string };
  readonly requirements: string;
  readonly requirementsPath: string;
}

/** An environment that a file of a repository describes. */
export interface EnvironmentWish {
  readonly projectId: string;
  readonly commit: string;
  readonly env: { readonly python: string; readonly requirements: string };
}

/** An environment that is described by its text. */
export interface DescribedEnvironment {
  readonly requirements: string;
  /** Where the text stands, for messages. */
  readonly requirementsPath: string;
  /** A version specifier, such as ">=3.10". */
  readonly python: string;
  /** Who asks for that Python and where, for messages: "The pipeline" and "env.python". */
  readonly asker: string;
  readonly place: string;
}

const NO_PYTHON =
  "Python is not installed on the worker. Install it (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python), or name it with PYTHON.";
const KNOWN_FOR_MS = 60_000;
const FACTS =
  "import sys, sysconfig; print(sys.executable); print('%d.%d.%d' % sys.version_info[:3]); print(sysconfig.get_platform())";

interface Interpreter {
  readonly path: string;
  readonly version: string;
  readonly platform: string;
}

const remembered = new Map<string, { at: number; value: Promise<unknown> }>();

/** Asks once a minute: what is installed changes rarely, and each question costs a process. */
function remember<T>(key: string, ask: () => Promise<T>): Promise<T> {
  const known = remembered.get(key);
  if (known && performance.now() - known.at < KNOWN_FOR_MS) return known.value as Promise<T>;
  const value = ask();
  remembered.set(key, { at: performance.now(), value });
  // What could not be asked is asked again.
  value.catch(() => remembered.delete(key));
  return value;
}

async function askPython(program: string): Promise<Interpreter | null> {
  const { code, output } = await runTool([program, "-c", FACTS], { signal: AbortSignal.timeout(20_000) });
  const [executable = "", version = "", platform = ""] = output.trim().split("\n").slice(-3);
  return code === 0 && /^\d+\.\d+\.\d+$/.test(version) ? { path: executable, version, platform } : null;
}

/** uv as named by UV_PATH or found on PATH; null without. */
async function findUv(): Promise<string | null> {
  const { UV_PATH } = env();
  const program = UV_PATH ?? "uv";
  return await remember(`uv ${program}`, async () => {
    const { code, output } = await runTool([program, "--version"], { signal: AbortSignal.timeout(20_000) });
    if (code === 0) return program;
    if (UV_PATH !== undefined)
      throw new EnvironmentError(`UV_PATH names '${UV_PATH}', which does not run: ${output.trim().slice(0, 200)}`);
    return null;
  });
}

async function findPython(
  { python: specifier, asker, place }: DescribedEnvironment,
  uv: string | null,
): Promise<Interpreter> {
  const own = await remember(`python ${env().PYTHON}`, () => askPython(env().PYTHON));
  if (own) {
    const fits = versionFits(own.version, specifier);
    if (fits === null)
      throw new EnvironmentError(
        `${place}: '${specifier}' is no version specifier. Write for example "3.12" or ">=3.10,<3.14".`,
      );
    if (fits) return own;
  }
  if (uv !== null) {
    const found = await remember(`uv find ${specifier}`, () =>
      runTool([uv, "python", "find", specifier], { signal: AbortSignal.timeout(120_000) }),
    );
    const program = found.output.trim().split("\n").at(-1) ?? "";
    const other = found.code === 0 ? await remember(`python ${program}`, () => askPython(program)) : null;
    if (other) return other;
  }
  if (!own) throw new EnvironmentError(NO_PYTHON);
  throw new EnvironmentError(
    `${asker} asks for Python ${specifier}; the worker has ${own.version}. Install one that fits and name it with PYTHON, or change ${place}.`,
  );
}

/**
 * Works out which environment a pipeline wants: its hash covers the text of the requirements, the Python version, the platform and the tool, so equal ones
 * are built once. Throws EnvironmentError when it cannot be had on this machine.
 */
export async function planEnvironment(wish: EnvironmentWish): Promise<EnvironmentPlan> {
  const { requirements: requirementsPath, python: specifier } = wish.env;
  const content = await remember(`file ${wish.projectId} ${wish.commit} ${requirementsPath}`, () =>
    readFileAt(wish.projectId, wish.commit, requirementsPath),
  );
  if (content === null)
    throw new EnvironmentError(
      `There is no file '${requirementsPath}' at commit ${wish.commit.slice(0, 10)}, which env.requirements names. Add it, or correct the name.`,
    );
  const requirements = content.toString("utf8");
  return await planDescribed({
    requirements,
    requirementsPath,
    python: specifier,
    asker: "The pipeline",
    place: "env.python",
  });
}

/** The same for an environment whose requirements are at hand. Throws EnvironmentError. */
export async function planDescribed(described: DescribedEnvironment): Promise<EnvironmentPlan> {
  const { requirements, requirementsPath } = described;
  checkRequirements(requirements, requirementsPath);
  const uv = await findUv();
  const python = await findPython(described, uv);
  const tool = uv === null ? "venv" : "uv";
  const hash = createHash("sha256")
    .update(canonicalJson({ requirements, python: python.version, platform: python.platform, tool }))
    .digest("hex");
  return {
    hash,
    dir: path.join(env().dataDir, "environments", hash),
    tool,
    program: uv ?? python.path,
    python,
    requirements,
    requirementsPath,
  };
}

/**
 * A Python of this machine as it is, with nothing but its standard library, and what a confined process must see to use it. Throws EnvironmentError when there
 * is none that fits.
 */
export async function findInterpreter(specifier: string): Promise<{ interpreter: string; folders: string[] }> {
  const described = { requirements: "", requirementsPath: "", python: specifier, asker: "The service", place: "it" };
  const found = await findPython(described, await findUv());
  const base = path.dirname(path.dirname(found.path));
  return { interpreter: found.path, folders: base.startsWith("/usr") ? [] : [base] };
}

/** The file that says an environment is whole; it is written last. */
export function readyMarker(plan: EnvironmentPlan): string {
  return path.join(plan.dir, ".ok");
}

export function isReady(plan: EnvironmentPlan): boolean {
  return existsSync(readyMarker(plan));
}

/** Forgets what was asked, so that a test can change the machine. */
export function forgetTools(): void {
  remembered.clear();
}

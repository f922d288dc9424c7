import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import type { EnvironmentProgress } from "#server/pipelines/contract.ts";
import { EnvironmentError, explainFailure } from "./failure.ts";
import type { EnvironmentPlan } from "./plan.ts";
import { optionLines } from "./requirements.ts";
import { runTool } from "./run-tool.ts";

const POLL_MS = 400;

export interface BuildReport {
  readonly onProgress: (progress: EnvironmentProgress) => void;
  readonly onLine: (line: string) => void;
}

/** What pip found out: the parts of its installation report that are needed (pip 22.2 and later). */
const Report = z.object({
  install: z.array(
    z.object({
      metadata: z.object({ name: z.string(), version: z.string() }),
      is_direct: z.boolean().default(false),
      download_info: z.object({
        url: z.string(),
        archive_info: z.object({ hashes: z.record(z.string(), z.string()).optional() }).optional(),
      }),
    }),
  ),
});

/** The resolved packages as a requirements file, each with the hash of the very file that was chosen, where all have one. */
export function lockOf(report: unknown, requirements: string): { text: string; packages: number } {
  const { install } = Report.parse(report);
  const hashes = install.map((item) => item.download_info.archive_info?.hashes?.["sha256"]);
  const hashed = hashes.every((hash) => hash !== undefined) && !install.some((item) => item.is_direct);
  const lines = install.map(({ metadata, is_direct, download_info }, i) => {
    const what = is_direct ? `${metadata.name} @ ${download_info.url}` : `${metadata.name}==${metadata.version}`;
    return hashed ? `${what} --hash=sha256:${hashes[i] ?? ""}` : what;
  });
  return { text: `${[...optionLines(requirements), ...lines].join("\n")}\n`, packages: install.length };
}

async function countInstalled(dir: string): Promise<number> {
  const lib = path.join(dir, "lib");
  const versions = await readdir(lib).catch(() => []);
  let count = 0;
  for (const version of versions.filter((name) => name.startsWith("python"))) {
    const names = await readdir(path.join(lib, version, "site-packages")).catch(() => []);
    count += names.filter((name) => name.endsWith(".dist-info")).length;
  }
  return count;
}

/** The version of a pip from what it says of itself, as one number: 23.2.1 → 2302; 0 when it says none. */
function pipVersion(output: string): number {
  const [, major = "0", minor = "0"] = /pip (\d+)\.(\d+)/.exec(output) ?? [];
  return Number(major) * 100 + Number(minor);
}

/** `lock`: the packages of the same environment when it was built before. It is then built from them: one hash never means two sets of packages. */
export type BuildPlan = EnvironmentPlan & { readonly lock: string | null };

/** One build of an environment in its final place: an environment holds absolute paths, so it cannot be moved there afterwards. */
class Build {
  readonly #plan: BuildPlan;
  readonly #report: BuildReport;
  readonly #signal: AbortSignal;
  readonly #requirements: string;
  readonly #lock: string;
  readonly #python: string;

  constructor(plan: BuildPlan, report: BuildReport, signal: AbortSignal) {
    this.#plan = plan;
    this.#report = report;
    this.#signal = signal;
    this.#requirements = path.join(plan.dir, "requirements.txt");
    this.#lock = path.join(plan.dir, "lock.txt");
    this.#python = path.join(plan.dir, "bin", "python");
  }

  async #run(argv: readonly string[], onLine?: (line: string) => void): Promise<string> {
    const { code, output } = await runTool(argv, {
      signal: this.#signal,
      onLine: (line) => {
        this.#report.onLine(line);
        onLine?.(line);
      },
    });
    if (this.#signal.aborted) throw new EnvironmentError("The building was given up, as nobody waits for it any more.");
    if (code !== 0) throw new EnvironmentError(`The Python environment could not be built: ${explainFailure(output)}`);
    return output;
  }

  async run(): Promise<void> {
    const { dir, requirements } = this.#plan;
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir, { recursive: true });
    await writeFile(this.#requirements, requirements);
    this.#report.onProgress({ phase: "creating", done: 0, total: 0 });
    if (this.#plan.lock !== null) await writeFile(this.#lock, this.#plan.lock);
    await (this.#plan.tool === "uv" ? this.#withUv() : this.#withPip());
  }

  async #withUv(): Promise<void> {
    const { program, python, dir } = this.#plan;
    await this.#run([program, "venv", "--allow-existing", "--python", python.path, dir]);
    this.#report.onProgress({ phase: "resolving", done: 0, total: 0 });
    if (this.#plan.lock === null)
      await this.#run([
        program,
        "pip",
        "compile",
        "--quiet",
        "--generate-hashes",
        "--emit-index-url",
        "--emit-find-links",
        "--python",
        this.#python,
        "--output-file",
        this.#lock,
        this.#requirements,
      ]);
    const total = (await readFile(this.#lock, "utf8")).split("\n").filter((line) => /^[A-Za-z0-9]/.test(line)).length;
    await this.#install(total, 0, (onLine) =>
      this.#run(
        [
          program,
          "pip",
          "install",
          "--no-deps",
          "--compile-bytecode",
          "--python",
          this.#python,
          "--requirement",
          this.#lock,
        ],
        onLine,
      ),
    );
  }

  async #withPip(): Promise<void> {
    const { dir } = this.#plan;
    const { pip, canReport } = await this.#emptyWithPip();
    const before = await countInstalled(dir);
    let seen = 0;
    const count = (line: string) => {
      if (!/^\s*(Collecting|Requirement already satisfied)/.test(line)) return;
      seen += 1;
      this.#report.onProgress({ phase: "resolving", done: seen, total: 0 });
    };
    this.#report.onProgress({ phase: "resolving", done: 0, total: 0 });
    const options = ["--progress-bar", "off", "--retries", "2"];
    if (!canReport) {
      await this.#run([...pip, "install", ...options, "--requirement", this.#requirements], count);
      return;
    }
    if (this.#plan.lock !== null) {
      await this.#installLock(pip, options, before);
      return;
    }
    const reportFile = path.join(dir, "report.json");
    await this.#run(
      [
        ...pip,
        "install",
        ...options,
        "--dry-run",
        "--ignore-installed",
        "--report",
        reportFile,
        "--requirement",
        this.#requirements,
      ],
      count,
    );
    const lock = lockOf(JSON.parse(await readFile(reportFile, "utf8")), this.#plan.requirements);
    await writeFile(this.#lock, lock.text);
    await this.#installLock(pip, options, before);
  }

  /**
   * Makes the environment without packages and says how pip is called for it. The pip of the Python that makes it works on any environment from 22.3 on; to
   * seed a pip of its own costs seven seconds of processor, half of all that a small environment takes.
   */
  async #emptyWithPip(): Promise<{ pip: readonly string[]; canReport: boolean }> {
    const { program, dir } = this.#plan;
    const ofMaker = await runTool([program, "-m", "pip", "--version"], { signal: this.#signal });
    if (ofMaker.code === 0 && pipVersion(ofMaker.output) >= 2203) {
      await this.#run([program, "-m", "venv", "--without-pip", dir]);
      const pip = [program, "-m", "pip", "--python", this.#python];
      // A step that calls pip must mean its own environment, not the machine's.
      const quoted = pip.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
      await writeFile(path.join(dir, "bin", "pip"), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
      return { pip, canReport: true };
    }
    await this.#run([program, "-m", "venv", dir]);
    const pip = [this.#python, "-m", "pip"];
    return { pip, canReport: pipVersion(await this.#run([...pip, "--version"])) >= 2202 };
  }

  async #installLock(pip: readonly string[], options: readonly string[], before: number): Promise<void> {
    const packages = (await readFile(this.#lock, "utf8"))
      .split("\n")
      .filter((line) => /^[A-Za-z0-9]/.test(line)).length;
    if (packages === 0) return;
    await this.#install(packages, before, (onLine) =>
      this.#run(
        [...pip, "install", ...options, "--no-deps", "--ignore-installed", "--requirement", this.#lock],
        onLine,
      ),
    );
  }

  /** Runs the installing command and reports how many of `total` packages are fetched, then how many are in place. */
  async #install(
    total: number,
    before: number,
    command: (onLine: (line: string) => void) => Promise<unknown>,
  ): Promise<void> {
    let fetched = 0;
    let installed = 0;
    const show = () =>
      this.#report.onProgress(
        installed > 0
          ? { phase: "installing", done: Math.min(installed, total), total }
          : { phase: "downloading", done: Math.min(fetched, total), total },
      );
    show();
    const timer = setInterval(() => {
      void countInstalled(this.#plan.dir).then((found) => {
        installed = Math.max(installed, found - before);
        show();
      });
    }, POLL_MS);
    try {
      await command((line) => {
        if (!/^\s*(Collecting|Downloaded)\b/.test(line)) return;
        fetched += 1;
        show();
      });
    } finally {
      clearInterval(timer);
    }
  }
}

/**
 * Builds the environment in DATA_DIR/environments/<hash>, from nothing: what a killed worker left half done is removed. The caller holds the lock, and marks
 * the environment as ready afterwards. Throws EnvironmentError that names the package and the reason.
 */
export async function buildEnvironment(plan: BuildPlan, report: BuildReport, signal: AbortSignal): Promise<void> {
  await new Build(plan, report, signal).run();
}

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { resolveRef } from "#server/code/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { prisma } from "#server/platform/db.ts";
import { env, resetEnv } from "#server/platform/env.ts";
import { log } from "#server/platform/log.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { Executor } from "./executor.ts";
import { type PipelineProject, pipelineProject, stepOf } from "./testing/pipeline-project.ts";
import { forgetTools, planEnvironment } from "../environments/plan.ts";

testDatabase();

const hasPython = spawnSync("python3", ["-c", "import venv, ensurepip"]).status === 0;
const HEAD = 'version: 1\nname: demo\nenv: {python: ">=3.8", requirements: requirements.txt}\n';
const FILES = {
  "requirements.txt": "touchstone-test-greeting==1.0\n",
  "free.txt": "touchstone-test-greeting\n",
  "free.pipeline.yaml": `${HEAD.replace("requirements.txt", "free.txt")}steps:\n  greet: {run: python greet.py}\n`,
  "missing.txt": "no-such-package-for-touchstone==9.9\n",
  "pipeline.yaml": `${HEAD}steps:
  greet: {run: python greet.py}
  again: {run: python3 greet.py}
  listed: {run: pip list}
`,
  "greet.py": "import greeting, sys\nprint(greeting.text, sys.prefix != sys.base_prefix)\n",
  "missing.pipeline.yaml": `${HEAD.replace("requirements.txt", "missing.txt")}steps:\n  x: {run: python -V}\n`,
  "nofile.pipeline.yaml": `${HEAD.replace("requirements.txt", "nowhere.txt")}steps:\n  x: {run: python -V}\n`,
  "old.pipeline.yaml": `${HEAD.replace(">=3.8", "==2.7.*")}steps:\n  x: {run: python -V}\n`,
};

/** A wheel made by hand, so that no index is needed. */
const MAKE_WHEEL = `
import sys, zipfile
v = sys.argv[2]
d = "touchstone_test_greeting-" + v + ".dist-info"
with zipfile.ZipFile(sys.argv[1] + "/touchstone_test_greeting-" + v + "-py3-none-any.whl", "w") as z:
    z.writestr("greeting.py", "text = '" + sys.argv[3] + "'\\n")
    z.writestr(d + "/METADATA", "Metadata-Version: 2.1\\nName: touchstone-test-greeting\\nVersion: " + v + "\\n")
    z.writestr(d + "/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    z.writestr(d + "/RECORD", "greeting.py,,\\n" + d + "/METADATA,,\\n" + d + "/WHEEL,,\\n" + d + "/RECORD,,\\n")
`;

const makeWheel = (version: string, text: string) =>
  spawnSync("python3", ["-c", MAKE_WHEEL, path.join(env().dataDir, "wheels"), version, text]);

let demo: PipelineProject;
const set = (name: string, value: string | undefined) => {
  vi.stubEnv(name, value);
  resetEnv();
  forgetTools();
};

beforeAll(async () => {
  demo = await pipelineProject(FILES);
  const wheels = path.join(env().dataDir, "wheels");
  mkdirSync(wheels);
  if (hasPython) makeWheel("1.0", "hello from a wheel");
  set("PIP_NO_INDEX", "1");
  set("PIP_FIND_LINKS", wheels);
  // uv, where it is installed, would be taken instead; what pip does is what this file tests.
  set(
    "PATH",
    env()
      .PATH.split(":")
      .filter((dir) => !existsSync(path.join(dir, "uv")))
      .join(":"),
  );
});
afterEach(() => set("PYTHON", undefined));

async function withWorkers<T>(count: number, work: () => Promise<T>): Promise<T> {
  const workers = Array.from({ length: count }, () => new Executor({ workerId: uuidv7(), slots: 2, log }));
  for (const worker of workers) await worker.start();
  try {
    return await work();
  } finally {
    for (const worker of workers) await worker.stop();
  }
}

test.runIf(hasPython)(
  "an environment is built once for all workers, over what was left half done, shown while it grows, and used by every step",
  async () => {
    const commit = await resolveRef(demo.project.id, "main");
    const wish = { python: ">=3.8", requirements: "requirements.txt" };
    const { dir } = await planEnvironment({ projectId: demo.project.id, commit, env: wish });
    // What a worker left that was killed while it built.
    mkdirSync(path.join(dir, "bin"), { recursive: true });
    writeFileSync(path.join(dir, "bin", "python"), "half done");
    await withWorkers(2, async () => {
      const both = await Promise.all([demo.start("pipeline.yaml"), demo.start("pipeline.yaml")]);
      const seen = new Set<string>();
      await demo.until(
        "the environment",
        async () => {
          const { status, environment } = await demo.get(both[0].number);
          if (environment) seen.add(`${status} ${environment.progress.phase}`);
          return status !== "queued" && status !== "preparing";
        },
        90_000,
      );
      expect([...seen].some((s) => s.startsWith("preparing "))).toBe(true);
      for (const { number } of both) {
        const run = await demo.ended(number, 60_000);
        expect(run.error).toBeNull();
        expect(await demo.log(run, stepOf(run, "greet"))).toBe("hello from a wheel True\n");
        // What a step calls pip is of its environment, not of the machine.
        expect(await demo.log(run, stepOf(run, "listed"))).toMatch(/^touchstone-test-greeting +1\.0$/m);
        expect(run.environment).toMatchObject({
          status: "ready",
          kind: "venv",
          progress: { phase: "ready", done: 1, total: 1 },
        });
        expect(run.environment?.sizeBytes).toBeGreaterThan(1000);
      }
    });
    expect(await prisma().environment.count()).toBe(1);
  },
  180_000,
);

test.runIf(hasPython)(
  "an environment that has to be built again holds the packages it held before, whatever the index offers by then",
  async () => {
    const commit = await resolveRef(demo.project.id, "main");
    const plan = () =>
      planEnvironment({ projectId: demo.project.id, commit, env: { python: ">=3.8", requirements: "free.txt" } });
    const greet = async () => {
      const run = await demo.ended((await demo.start("free.pipeline.yaml")).number, 90_000);
      return await demo.log(run, stepOf(run, "greet"));
    };
    await withWorkers(1, async () => {
      expect(await greet()).toBe("hello from a wheel True\n");
      const { hash, dir } = await plan();
      const kept = await prisma().environment.findUniqueOrThrow({ where: { hash } });
      expect(kept.lock).toMatch(/^touchstone-test-greeting==1\.0 --hash=sha256:[0-9a-f]{64}$/m);
      expect(kept.packages).toMatchObject({ "touchstone-test-greeting": "1.0" });
      makeWheel("1.1", "hello from a newer one");
      rmSync(dir, { recursive: true });
      expect(await greet()).toBe("hello from a wheel True\n");
      const again = await prisma().environment.findUniqueOrThrow({ where: { hash } });
      expect(again.lockSha256).toBe(kept.lockSha256);
    });
  },
  180_000,
);

test.runIf(hasPython)(
  "a package that cannot be had fails the run with its name, before any step begins",
  async () => {
    const run = await withWorkers(1, async () =>
      demo.ended((await demo.start("missing.pipeline.yaml")).number, 90_000),
    );
    expect(run.status).toBe("failed");
    expect(run.error).toMatch(
      /^The Python environment could not be built: 'no-such-package-for-touchstone==9\.9' was not found/,
    );
    expect(run.stepRuns[0]).toMatchObject({ status: "skipped", attempts: [] });
    expect(run.environment?.status).toBe("failed");
    expect(run.environment?.log).toContain("No matching distribution");
  },
  120_000,
);

test("what is missing on the machine or in the repository is one line with its remedy", async () => {
  await withWorkers(1, async () => {
    set("PYTHON", "python-that-is-not-there");
    expect((await demo.run("pipeline.yaml")).error).toMatch(
      /^Python is not installed on the worker\. Install it \(Debian, Ubuntu: apt-get install python3/,
    );
    set("PYTHON", undefined);
    expect((await demo.run("nofile.pipeline.yaml")).error).toMatch(/^There is no file 'nowhere\.txt' at commit/);
    if (hasPython)
      expect((await demo.run("old.pipeline.yaml")).error).toMatch(
        /^The pipeline asks for Python ==2\.7\.\*; the worker has 3\./,
      );
  });
});

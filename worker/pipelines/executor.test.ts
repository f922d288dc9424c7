import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { actorOfToken } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { cancelRun, listOutputFiles } from "#server/pipelines/index.ts";
import { prisma } from "#server/platform/db.ts";
import { env } from "#server/platform/env.ts";
import { log } from "#server/platform/log.ts";
import { openRead } from "#server/platform/objects.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { Executor } from "./executor.ts";
import { bestIsolation } from "../isolation/isolation.ts";
import { readProcessTable } from "../isolation/process-table.ts";
import { type PipelineProject, pipelineProject, stepOf } from "./testing/pipeline-project.ts";

testDatabase();

const HEAD = "version: 1\nname: demo\n";
const FILES = {
  "flow.pipeline.yaml": `${HEAD}params: {text: "a b; $HOME 'x'"}
steps:
  make:
    run: node src/make.mjs \${outputs.file} \${outputs.folder} \${params.text}
    outputs: {file: out/deep/file.txt, folder: out/folder/}
  cells:
    matrix: {n: [1, 2]}
    run: node src/cell.mjs \${inputs.file} \${matrix.n} \${outputs.part}
    inputs: {file: make.file}
    outputs: {part: part}
  join:
    run: node src/join.mjs \${outputs.all} \${inputs.folder} \${inputs.parts}
    inputs: {folder: make.folder, parts: "cells.part[*]"}
    outputs: {all: all.json}
`,
  "src/make.mjs": `import { writeFileSync, mkdirSync } from "node:fs";
const [file, folder, text] = process.argv.slice(2);
writeFileSync(file, text);
mkdirSync(folder + "/sub", { recursive: true });
writeFileSync(folder + "/sub/x.txt", "x");
writeFileSync(folder + "/y.txt", "y");
console.log("made");`,
  "src/cell.mjs": `import { readFileSync, writeFileSync } from "node:fs";
const [file, n, part] = process.argv.slice(2);
writeFileSync(part, readFileSync(file, "utf8") + " " + n);`,
  "src/join.mjs": `import { readFileSync, writeFileSync, readdirSync, existsSync } from "node:fs";
const [all, folder, ...parts] = process.argv.slice(2);
let written = true;
try { writeFileSync(parts[0], "changed"); } catch { written = false; }
writeFileSync(all, JSON.stringify({
  parts: parts.map((p) => readFileSync(p, "utf8")), folder: readdirSync(folder, { recursive: true }).sort(), written,
  leftovers: existsSync("out"), git: existsSync(".git"), cwd: process.cwd(), argv: process.argv.slice(2),
}));`,
  "env.pipeline.yaml": `${HEAD}steps:
  look: {run: node src/env.mjs, outputs: {env: env.json}, resources: {cpu: 1.5}}
`,
  "src/env.mjs": `import { writeFileSync, readdirSync, readFileSync } from "node:fs";
const others = readdirSync("/proc").filter((n) => /^\\d+$/.test(n)).flatMap((n) => { try { return [readFileSync("/proc/" + n + "/environ", "latin1")]; } catch { return []; } });
const ls = (dir) => { try { return readdirSync(dir); } catch { return []; } };
const root = process.cwd().replace(/[/]work[/].*$/, "");
writeFileSync("env.json", JSON.stringify({ env: process.env, leaks: others.filter((t) => t.includes("DATABASE_URL")).length, data: ls(root), node: process.version }));
await new Promise((r) => setTimeout(r, 400));`,
  "slow.pipeline.yaml": `${HEAD}steps:
  wait: {run: "sh -c 'sleep 4711 & echo begun; wait'"}
  after: {run: "true", needs: [wait]}
`,
  "timeout.pipeline.yaml": `${HEAD}steps:
  wait: {run: "sh src/tidy.sh", timeout: 700ms}
`,
  "src/tidy.sh": `trap 'echo tidied; exit 0' TERM
echo begun
sleep 4712 & wait`,
  "memory.pipeline.yaml": `${HEAD}steps:
  eat: {run: node src/eat.mjs, resources: {memory: 150Mi}, retries: {max: 1, backoff: 1ms, on: [oom]}}
`,
  "src/eat.mjs": `const kept = []; setInterval(() => { kept.push(Buffer.alloc(20e6, 1)); if (kept.length > 60) process.exit(0); }, 20);`,
  "log.pipeline.yaml": `${HEAD}steps:
  talk: {run: node src/talk.mjs}
`,
  "src/talk.mjs": `for (let i = 0; i < 80_000; i++) console.log(String(i).padStart(100, "é"));
console.log("the very last line\\0");`,
  "gate.pipeline.yaml": `${HEAD}params: {least: 0.8}
steps:
  good: {run: "node src/score.mjs 0.8", outputs: {m: m.json}, gate: {output: m, metric: scores.auc, min: "\${params.least}"}}
  bad: {run: "node src/score.mjs 0.7", outputs: {m: m.json}, gate: {output: m, metric: scores.auc, min: "\${params.least}"}, retries: {max: 3, on: [failed]}}
  never: {run: "true", needs: [bad]}
`,
  "src/score.mjs": `import { writeFileSync } from "node:fs"; writeFileSync("m.json", JSON.stringify({ scores: { auc: Number(process.argv[2]) } }));`,
  "wrong.pipeline.yaml": `${HEAD}steps:
  code: {run: "sh -c 'echo oh no >&2; exit 3'", retries: {max: 1, backoff: 1ms, on: [failed]}}
  missing: {run: "true", outputs: {o: out/none.txt}}
  link: {run: "ln -s /etc/passwd stolen", outputs: {o: stolen}}
  nested: {run: "sh -c 'mkdir d && ln -s /etc d/etc'", outputs: {o: d}}
  parent: {run: "sh -c 'rmdir p && ln -s /etc p'", outputs: {o: p/passwd}}
  absent: {run: no-such-program --flag}
`,
  "wide.pipeline.yaml": `${HEAD}steps:
  many: {run: "true", matrix: {i: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]}}
  last: {run: "true", needs: [many]}
`,
};

let demo: PipelineProject;
const executors = [uuidv7(), uuidv7()].map((workerId) => new Executor({ workerId, slots: 3, log }));

beforeAll(async () => {
  demo = await pipelineProject(FILES);
  for (const executor of executors) await executor.start();
});
afterAll(async () => {
  for (const executor of executors) await executor.stop();
});

async function text(sha256: string): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of await openRead(sha256)) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

test("outputs travel to the steps that name them, by content, and nothing else does", async () => {
  const run = await demo.run("flow.pipeline.yaml");
  expect(run.error).toBeNull();
  expect(run.status).toBe("succeeded");
  const make = stepOf(run, "make");
  expect(make.outputs["folder"]).toMatchObject({ kind: "folder", files: 2, path: "out/folder" });
  expect(await demo.log(run, make)).toBe("made\n");
  const all = JSON.parse(await text(stepOf(run, "join").outputs["all"]!.sha256));
  expect(all.parts).toEqual(["a b; $HOME 'x' 1", "a b; $HOME 'x' 2"]);
  expect(all.folder).toEqual(["sub", "sub/x.txt", "y.txt"]);
  expect(all).toMatchObject({ leftovers: false, git: false });
  expect(all.argv[2]).not.toBe(all.argv[3]);
  if (bestIsolation() !== "process") expect(all.written).toBe(false);
  // Whatever a step does to its inputs, what is stored stays what its name says.
  expect(await text(make.outputs["file"]!.sha256)).toBe("a b; $HOME 'x'");
  const where = { number: run.number, step: make.id, output: "folder" };
  expect((await listOutputFiles(demo.alice, demo.project.slug, where)).files.map((f) => f.path)).toEqual([
    "sub/x.txt",
    "y.txt",
  ]);
  await demo.until(
    "the work folders to be gone",
    async () => readdirSync(path.join(env().dataDir, "work")).length === 0,
  );
});

test("a step's environment holds what it needs and nothing of the worker's", async () => {
  const { number } = await demo.start("env.pipeline.yaml");
  await demo.until("the step to run", async () => stepOf(await demo.get(number), "look").status === "running");
  const row = await demo.until(
    "its token",
    async () =>
      (await prisma().apiToken.findFirst({ where: { name: "step look" }, orderBy: { createdAt: "desc" } })) ??
      undefined,
  );
  expect(row.context).toMatchObject({ step: "look", commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
  const run = await demo.ended(number);
  expect(run.error).toBeNull();
  const found = JSON.parse(await text(stepOf(run, "look").outputs["env"]!.sha256)) as {
    env: Record<string, string>;
    leaks: number;
    data: string[];
    node: string;
  };
  expect(
    Object.keys(found.env)
      .filter((k) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(k))
      .sort(),
  ).toEqual(
    [
      ...[
        "DO_NOT_TRACK",
        "GIT_PYTHON_REFRESH",
        "HOME",
        "LANG",
        "MKL_NUM_THREADS",
        "MLFLOW_DISABLE_TELEMETRY",
        "MLFLOW_EXPERIMENT_NAME",
      ],
      ...[
        "MLFLOW_TRACKING_TOKEN",
        "MLFLOW_TRACKING_URI",
        "MPLBACKEND",
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "ORT_DISABLE_TELEMETRY",
        "PATH",
      ],
      ...[
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONUNBUFFERED",
        "TMPDIR",
        "TOUCHSTONE_ATTEMPT",
        "TOUCHSTONE_COMMIT",
        "TOUCHSTONE_PIPELINE_RUN",
      ],
      ...["TOUCHSTONE_PIPELINE_RUN_ID", "TOUCHSTONE_PROJECT", "TOUCHSTONE_STEP"],
    ].sort(),
  );
  expect(found.env).toMatchObject({
    MLFLOW_EXPERIMENT_NAME: "demo",
    MLFLOW_TRACKING_URI: env().appUrl,
    OMP_NUM_THREADS: "2",
  });
  expect(found.node).toBe(process.version);
  expect(JSON.stringify(found.env)).not.toContain("postgres");
  if (bestIsolation() !== "process") {
    expect(found.leaks).toBe(0);
    expect(found.data).toEqual(["work"]);
  }
  // The token has ended with the attempt.
  expect(await actorOfToken(found.env["MLFLOW_TRACKING_TOKEN"] ?? "")).toBeNull();
});

test("cancelling ends the processes within two seconds, three on a loaded machine", async () => {
  const { number } = await demo.start("slow.pipeline.yaml");
  const sleeping = () => readProcessTable().filter((row) => commandOf(row.pid).includes("sleep 4711"));
  await demo.until("the step to run", async () => sleeping().length > 0);
  const asked = performance.now();
  await cancelRun(demo.alice, demo.project.slug, { number });
  const run = await demo.ended(number);
  expect(performance.now() - asked).toBeLessThan(3000);
  expect(run.status).toBe("cancelled");
  expect(run.stepRuns.map((s) => s.status)).toEqual(["cancelled", "cancelled"]);
  expect(stepOf(run, "wait").attempts[0]).toMatchObject({ status: "cancelled", reason: "cancelled" });
  expect(sleeping()).toEqual([]);
});

test("past its time limit a step is asked to stop, then is stopped", async () => {
  const run = await demo.run("timeout.pipeline.yaml");
  expect(run.error).toBe("wait: It ran longer than its time limit of 700 ms.");
  const wait = stepOf(run, "wait");
  expect(wait.attempts[0]).toMatchObject({ status: "timed_out", reason: "timeout" });
  expect(await demo.log(run, wait)).toMatch(/begun\n[\s\S]*tidied\n/);
});

test("over its memory limit a step is killed, with the limit and what it used", async () => {
  const run = await demo.run("memory.pipeline.yaml");
  const eat = stepOf(run, "eat");
  expect(eat.attempts.map((a) => a.status)).toEqual(["out_of_memory", "out_of_memory"]);
  expect(eat.error).toMatch(/^It used [\d.,]+ MiB of memory; its limit is 150 MiB/);
  expect(eat.attempts[0]?.peakRssBytes).toBeGreaterThan(150 * 2 ** 20);
});

test("a log is cut at its limit and keeps its end", async () => {
  const run = await demo.run("log.pipeline.yaml");
  expect(run.status).toBe("succeeded");
  const talk = stepOf(run, "talk");
  const stored = await demo.log(run, talk);
  expect(Buffer.byteLength(stored)).toBeLessThan(5_300_000);
  expect(Buffer.byteLength(stored)).toBeGreaterThan(5_000_000);
  expect(stored).toMatch(/The log is truncated: it grew over 5 MB, and [\d,]+ bytes are left out here/);
  expect(stored.trimEnd().split("\n").at(-1)).toBe("the very last line\uFFFD");
  expect(stored).not.toContain("é\uFFFD");
  expect(talk.attempts[0]?.logTruncated).toBe(true);
});

test("a gate decides by the number in the output, and is not tried again", async () => {
  const run = await demo.run("gate.pipeline.yaml");
  expect(stepOf(run, "good")).toMatchObject({ status: "succeeded", gate: { passed: true, value: 0.8, min: 0.8 } });
  const bad = stepOf(run, "bad");
  expect(bad).toMatchObject({ status: "failed", reason: "gate", gate: { passed: false, value: 0.7 } });
  expect(bad.error).toBe("scores.auc is 0.7; at least 0.8 is asked (m.json)");
  expect(bad.attempts).toHaveLength(1);
  expect(Object.keys(bad.outputs)).toEqual(["m"]);
  expect(stepOf(run, "never").status).toBe("skipped");
});

test("failures say what happened", async () => {
  const run = await demo.run("wrong.pipeline.yaml");
  const errors = Object.fromEntries(run.stepRuns.map((s) => [s.name, s.error]));
  expect(errors["code"]).toBe("Exit code 3: oh no");
  expect(errors["missing"]).toBe("It ended well, but it did not write output 'o' (out/none.txt).");
  expect(errors["link"]).toBe("It ended well, but output 'o' (stolen) is a link or lies behind one.");
  expect(errors["nested"]).toMatch(/holds 'etc', which is neither a file nor a folder/);
  expect(errors["parent"]).toBe("It ended well, but output 'o' (p/passwd) is a link or lies behind one.");
  expect(errors["absent"]).toBe("Exit code 127: the program 'no-such-program' was not found.");
  const code = stepOf(run, "code");
  expect(code.attempts.map((a) => a.exitCode)).toEqual([3, 3]);
  expect(await demo.log(run, code)).toBe("oh no\n[touchstone] Exit code 3: oh no\n");
});

test("two workers share the steps of a run, and each step runs once", async () => {
  const run = await demo.run("wide.pipeline.yaml");
  expect(run.status).toBe("succeeded");
  expect(run.stepRuns.map((s) => s.attempts.length)).toEqual(Array.from({ length: 13 }, () => 1));
  const attempts = await prisma().stepAttempt.findMany({ where: { step: { runId: run.id } } });
  expect(new Set(attempts.map((attempt) => attempt.workerId)).size).toBe(2);
});

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

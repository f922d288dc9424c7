import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { uuidv7 } from "#server/kernel/ids.ts";
import { pool } from "#server/platform/db.ts";
import { env } from "#server/platform/env.ts";
import { log } from "#server/platform/log.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { Executor } from "./executor.ts";
import { readProcessTable } from "../isolation/process-table.ts";
import { pipelineProject, stepOf } from "./testing/pipeline-project.ts";

testDatabase();

const FILES = {
  "pipeline.yaml": `version: 1
name: demo
steps:
  first: {run: "true"}
  long:
    needs: [first]
    retries: 1
    run: sh -c "echo begun; sleep 4721; echo never"
`,
};

const WORKER = `
import { Executor } from "#worker/pipelines/executor.ts";
import { log } from "#server/platform/log.ts";
const executor = new Executor({ workerId: process.argv[1], slots: 2, log });
await executor.start();
process.on("SIGTERM", () => void executor.stop().then(() => process.exit(0)));
`;

function startWorker(workerId: string) {
  const variables = {
    PATH: env().PATH,
    DATABASE_URL: env().DATABASE_URL ?? "",
    DATA_DIR: env().dataDir,
    LOG_LEVEL: "silent",
  };
  const child = spawn(process.execPath, ["--input-type=module", "-e", WORKER, workerId], {
    env: variables as unknown as NodeJS.ProcessEnv,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return { child, gone: new Promise((resolve) => child.once("exit", resolve)) };
}

function sleepers(): number {
  return readProcessTable().filter((row) => {
    try {
      return readFileSync(`/proc/${row.pid}/cmdline`, "latin1").startsWith("sleep\x004721");
    } catch {
      return false;
    }
  }).length;
}

test("a killed worker's step is taken over, and never runs twice at the same time", async () => {
  const demo = await pipelineProject(FILES);
  const first = startWorker(uuidv7());
  const { number } = await demo.start("pipeline.yaml");
  await demo.until("the step to run", async () => sleepers() === 1);

  first.child.kill("SIGKILL");
  await first.gone;
  // What it ran dies with it, long before its lease runs out and another worker may begin.
  await demo.until("the step to die with its worker", async () => sleepers() === 0, 2_000);

  const second = new Executor({ workerId: uuidv7(), slots: 2, log });
  await second.start();
  try {
    const before = stepOf(await demo.get(number), "long");
    expect([before.status, before.attempts.map((a) => a.status)]).toEqual(["running", ["running"]]);
    // As if the fifteen seconds of the lease had passed.
    await pool().query("update step_attempts set lease_until = now() where status = 'running'");
    await demo.until("the takeover", async () => sleepers() === 1);
    const after = stepOf(await demo.get(number), "long");
    expect(after.attempts.map((a) => a.status)).toEqual(["lost", "running"]);
    expect(stepOf(await demo.get(number), "first").attempts).toHaveLength(1);
  } finally {
    await second.stop();
  }
  // A worker that is told to stop ends its steps and gives them back: nothing runs, and no attempt is used up.
  expect(sleepers()).toBe(0);
  const given = stepOf(await demo.get(number), "long");
  expect([given.status, given.attempts.at(-1)?.reason]).toEqual(["ready", "stopped"]);
}, 60_000);

test("a worker that starts removes what a killed one left in its work folder", async () => {
  const left = path.join(env().dataDir, "work");
  expect(readdirSync(left).length).toBeGreaterThan(0);
  const executor = new Executor({ workerId: uuidv7(), slots: 0, log });
  await executor.start();
  await executor.stop();
  expect(readdirSync(left)).toEqual([]);
});

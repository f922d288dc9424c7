import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import pg from "pg";
import { startCluster } from "./cluster.ts";
import { dieWithParent } from "./parent-death.ts";
import { freePort } from "./ports.ts";
import { birthOf, commandLine } from "./processes.ts";

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-cluster-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function query<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function until(condition: () => boolean): Promise<boolean> {
  for (let i = 0; i < 100 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  return condition();
}

test("stopping leaves no process, and the next start has the data and the port of the last", async () => {
  const first = await startCluster(dir, { fast: true });
  await query(first.url("postgres"), "create table kept as select 42 as answer");
  const workers = await query<{ pid: number }>(first.url("postgres"), "select pid from pg_stat_activity");
  await first.stop();
  await first.exited;
  expect(birthOf(first.pid)).toBeNull();
  for (const { pid } of workers) expect(birthOf(pid)).toBeNull();

  const second = await startCluster(dir, { fast: true });
  expect(second.port).toBe(first.port);
  expect(await query(second.url("postgres"), "select answer from kept")).toEqual([{ answer: 42 }]);
  await second.stop();
  await second.stop(); // a second stop is harmless
});

test("only the password of its folder opens it, from this machine alone", async () => {
  const cluster = await startCluster(dir, { fast: true });
  try {
    const wrong = new URL(cluster.url("postgres"));
    wrong.password = "guess";
    await expect(query(wrong.toString(), "select 1")).rejects.toThrow(/password authentication failed/);
    const [row] = await query<{ listen_addresses: string }>(cluster.url("postgres"), "show listen_addresses");
    expect(row?.listen_addresses).toBe("127.0.0.1");
  } finally {
    await cluster.stop();
  }
});

test("a pid file whose process is now another program does not keep it from starting", async () => {
  writeFileSync(path.join(dir, "data/postmaster.pid"), `${process.pid}\n${path.join(dir, "data")}\n`);
  const cluster = await startCluster(dir, { fast: true });
  await cluster.stop();
});

test("a Postgres left running on the folder is stopped first, and committed rows are there", async () => {
  const left = await startCluster(dir, { fast: true });
  await query(left.url("postgres"), "create table before as select 1 as one");
  const next = await startCluster(dir, { fast: true, port: await freePort() });
  try {
    await left.exited;
    expect(await query(next.url("postgres"), "select one from before")).toEqual([{ one: 1 }]);
  } finally {
    await next.stop();
  }
});

test("a taken port is named in the error", async () => {
  const cluster = await startCluster(dir, { fast: true });
  const other = mkdtempSync(path.join(os.tmpdir(), "touchstone-cluster-"));
  try {
    await expect(startCluster(other, { fast: true, port: cluster.port })).rejects.toThrow(/could not bind/);
  } finally {
    await cluster.stop();
    rmSync(other, { recursive: true, force: true });
  }
});

test.runIf(dieWithParent("INT").length > 0)("killing the launcher takes Postgres with it", async () => {
  const script = `
    import { startCluster } from "#bin/launch/cluster.ts";
    const cluster = await startCluster(${JSON.stringify(dir)}, { fast: true });
    console.log("up");
    setInterval(() => undefined, 1000);`;
  const launcher: ChildProcess = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: path.join(import.meta.dirname, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => launcher.stdout?.once("data", resolve));
  const pid = Number(readFileSync(path.join(dir, "data/postmaster.pid"), "utf8").split("\n", 1)[0]);
  expect(commandLine(pid)).toContain(dir);
  launcher.kill("SIGKILL");
  expect(await until(() => !commandLine(pid).includes(dir))).toBe(true);
});

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { env } from "#server/platform/env.ts";
import { testDataDir } from "#server/platform/testing/database.ts";
import { type Command, confine, type Isolation } from "./isolation.ts";
import { processTree, readProcessTable } from "./process-table.ts";
import { type ProcessEnd, StepProcess } from "../pipelines/step-process.ts";

testDataDir();

/** What this machine offers; the plain process group is always there. */
const available: Isolation[] = [
  ...(spawnSync("bwrap", ["--unshare-all", "--ro-bind", "/", "/", "true"]).status === 0
    ? (["bubblewrap"] as const)
    : []),
  ...(spawnSync("unshare", ["--user", "--map-root-user", "--mount", "--pid", "--fork", "true"]).status === 0
    ? (["namespaces"] as const)
    : []),
  "process",
];

function place(): { dir: string; cwd: string; inputs: string; tool: string } {
  const dir = path.join(env().dataDir, "work", String(Math.random()).slice(2));
  const [cwd, inputs, tool] = [
    path.join(dir, "code"),
    path.join(dir, "inputs"),
    path.join(env().dataDir, "environments", "abc"),
  ];
  for (const d of [cwd, inputs, tool]) mkdirSync(d, { recursive: true });
  writeFileSync(path.join(inputs, "in"), "in");
  writeFileSync(path.join(tool, "tool"), "tool");
  writeFileSync(path.join(env().dataDir, "password"), "secret");
  return { dir, cwd, inputs, tool };
}

function command(
  isolation: Isolation,
  argv: string[],
  at = place(),
): { command: Command; at: ReturnType<typeof place> } {
  return {
    command: confine(isolation, argv, { dir: at.dir, cwd: at.cwd, inputs: at.inputs, readOnly: [at.tool] }),
    at,
  };
}

const VARIABLES = { PATH: `${path.dirname(process.execPath)}:${env().PATH}` };

async function run(
  isolation: Isolation,
  argv: string[],
  options: { at?: ReturnType<typeof place>; timeoutMs?: number } = {},
): Promise<ProcessEnd & { output: string }> {
  const made = command(isolation, argv, options.at);
  let output = "";
  const step = new StepProcess({
    command: made.command,
    cwd: made.at.cwd,
    env: VARIABLES,
    timeoutMs: options.timeoutMs ?? 20_000,
    memoryBytes: 2 ** 30,
    onOutput: (chunk) => {
      output += chunk.toString();
    },
  });
  return { ...(await step.done), output };
}

const alive = (marker: string) => readProcessTable().filter((row) => cmdline(row.pid).includes(marker));
function cmdline(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

describe.each(available)("%s", (isolation) => {
  test("words arrive as they are, and the exit code comes back", async () => {
    const words = ["a b", "$HOME", "'; exit 9 #", "", "*", "--x=\ny"];
    const end = await run(isolation, [
      "node",
      "-e",
      "console.log(JSON.stringify(process.argv.slice(1))); process.exit(7)",
      "--",
      ...words,
    ]);
    expect(JSON.parse(end.output)).toEqual(words);
    expect(end).toMatchObject({ exitCode: 7, ending: null });
  });

  test("the step works in its own folder", async () => {
    const at = place();
    expect(await run(isolation, ["sh", "-c", "cat ../inputs/in && echo new > file && pwd"], { at })).toMatchObject({
      exitCode: 0,
      output: `in${at.cwd}\n`,
    });
    expect(readFileSync(path.join(at.cwd, "file"), "utf8")).toBe("new\n");
  });

  test("a program that asks for time at SIGTERM gets it, one that does not is killed", async () => {
    const polite = await run(isolation, ["sh", "-c", "trap 'echo bye; exit 0' TERM; sleep 30 & wait"], {
      timeoutMs: 600,
    });
    expect(polite.output).toContain("bye");
    expect(polite.ending?.status).toBe("timed_out");
    const { command: stubborn, at } = command(isolation, ["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"]);
    const step = new StepProcess({
      command: stubborn,
      cwd: at.cwd,
      env: VARIABLES,
      timeoutMs: 20_000,
      memoryBytes: 2 ** 30,
      onOutput: () => undefined,
    });
    await sleep(300);
    const asked = performance.now();
    step.end({ status: "cancelled", reason: "cancelled", message: "", graceMs: 300 });
    await step.done;
    expect(performance.now() - asked).toBeLessThan(3000);
  });

  test("nothing is left of a step that has ended", async () => {
    const end = await run(isolation, ["sh", "-c", "sleep 4713 & sleep 4713 & echo started"]);
    expect(end).toMatchObject({ exitCode: 0, output: "started\n" });
    for (let i = 0; i < 100 && alive("4713").length > 0; i++) await sleep(25);
    expect(alive("4713")).toEqual([]);
  });

  test("nothing is left of a step whose worker was killed", async () => {
    const { command: made, at } = command(isolation, ["sh", "-c", "(sleep 4714 & sleep 4714 & wait) & sleep 4714"]);
    const code = `const { spawn } = require("node:child_process");
      const c = ${JSON.stringify(made)};
      spawn(c.file, c.args, { cwd: ${JSON.stringify(at.cwd)}, detached: true, stdio: c.watched ? ["ignore", "ignore", "ignore", "pipe"] : "ignore" });
      setInterval(() => {}, 1000);`;
    const worker = spawn(process.execPath, ["-e", code], {
      stdio: "ignore",
      env: VARIABLES as unknown as NodeJS.ProcessEnv,
    });
    for (let i = 0; i < 400 && alive("4714").length < 3; i++) await sleep(25);
    expect(alive("4714").length).toBeGreaterThanOrEqual(3);
    worker.kill("SIGKILL");
    for (let i = 0; i < 200 && alive("4714").length > 0; i++) await sleep(25);
    expect(alive("4714")).toEqual([]);
  });
});

describe.each(available.filter((isolation) => isolation !== "process"))("%s hides", (isolation) => {
  test("inputs and environment are read-only, and the platform's files are not there", async () => {
    const at = place();
    const end = await run(
      isolation,
      [
        "sh",
        "-c",
        `echo x > ../inputs/in || echo x > ${at.tool}/tool || cat ${at.tool}/tool; ls -A ${env().dataDir}; umount ${env().dataDir} || rm -rf ${env().dataDir}/password; id -u`,
      ],
      { at },
    );
    expect(end.output).toMatch(/tool/);
    expect(end.output).not.toMatch(/password$/m);
    expect(readFileSync(path.join(at.inputs, "in"), "utf8")).toBe("in");
    expect(existsSync(path.join(env().dataDir, "password"))).toBe(true);
  });

  test("other processes are not to be seen, nor brought into view again", async () => {
    const { output } = await run(isolation, [
      "sh",
      "-c",
      `ls /proc | grep -c '^[0-9]'; unshare --user --map-root-user --mount sh -c 'umount -l ${env().dataDir}; cat ${env().dataDir}/password'`,
    ]);
    expect(Number(output.split("\n")[0])).toBeLessThan(12);
    expect(output).not.toContain("secret");
  });
});

test("a tree is a process with all below it and all in its group", () => {
  const row = (pid: number, parent: number, group: number) => ({ pid, parent, group, rssBytes: 1 });
  const table = [row(1, 0, 1), row(5, 1, 5), row(6, 5, 5), row(7, 6, 7), row(8, 1, 5), row(9, 8, 9), row(10, 1, 10)];
  expect(
    processTree(table, 5)
      .map((r) => r.pid)
      .sort((a, b) => a - b),
  ).toEqual([5, 6, 7, 8, 9]);
});

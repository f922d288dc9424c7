import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { actorOfToken } from "#server/identity/index.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { createPerson, createProjectOf } from "#server/platform/testing/people.ts";
import { main } from "./touchstone.ts";

testDatabase();
// Each call is a new process, on a machine that does other things too.
vi.setConfig({ testTimeout: 60_000 });

const ROOT = path.join(import.meta.dirname, "..");
let dir = "";
beforeAll(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-cli-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function touchstone(args: string[], settings: Record<string, string> = {}) {
  const result = spawnSync(process.execPath, ["bin/touchstone.mjs", ...args], {
    cwd: ROOT,
    encoding: "utf8",
    env: { NODE_ENV: "test", PATH: process.env["PATH"], DATA_DIR: dir, ...settings },
  });
  return { code: result.status, out: result.stdout, err: result.stderr };
}

/** The same in this process, for what ends before anything is done. */
async function parse(args: readonly string[]) {
  const out = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const err = vi.spyOn(console, "error").mockImplementation(() => undefined);
  try {
    const code = await main([...args]);
    return { code, out: out.mock.calls.join("\n"), err: err.mock.calls.join("\n") };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

const database = () => ({ DATABASE_URL: process.env["DATABASE_URL"] ?? "" });

test("a command or flag that does not exist is named, with exit code 2 and nothing on standard output", async () => {
  for (const [args, words] of [
    [["stert"], "There is no command 'stert'."],
    [["start", "--prod"], "There is no flag --prod."],
    [["migrate", "now"], "'now' was not expected here."],
    [["token"], "'create' is missing."],
    [["token", "create", "--user", "alice"], "--scopes is missing."],
    [["token", "create", "--user", "a", "--project", "p", "--scopes", "fly"], "'fly' is not a scope."],
    [["token", "create", "--user", "a", "--project", "p", "--scopes", "data:read", "--days", "0"], "--days takes"],
    [["worker", "--roles", "pipelines,cooking"], "'cooking' is not a role"],
  ] as const) {
    const { code, out, err } = await parse(args);
    expect({ args, code, out }).toEqual({ args, code: 2, out: "" });
    expect(err).toContain(words);
  }
});

test("every command explains itself", async () => {
  const overview = await parse(["--help"]);
  expect(overview.code).toBe(0);
  const commands = [...overview.out.matchAll(/^ {2}(\w+) {2,}/gm)].map((match) => match[1] ?? "");
  expect(commands).toContain("start");
  for (const name of commands) {
    const { code, out } = await parse([name, "--help"]);
    expect({ name, code }).toEqual({ name, code: 0 });
    expect(out).toMatch(/^Usage: npm /);
  }
});

test("production without its settings is refused before anything is started", () => {
  const { code, err } = touchstone(["start"], { TOUCHSTONE_ENV: "production" });
  expect(code).toBe(1);
  expect(err.trim().split("\n")).toHaveLength(1);
  expect(err).toContain("OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and NEXTAUTH_SECRET");
});

test("a wrong setting is named", () => {
  const { code, err } = touchstone(["start"], { PORT: "http" });
  expect(code).toBe(1);
  expect(err).toContain("PORT");
});

test("token create prints only a token, which can do what its scopes say", async () => {
  const alice = await createPerson("Alice", ["scientist"]);
  const project = await createProjectOf({ [alice.handle]: "scientist" });
  const line = ["token", "create", "--user", alice.handle, "--project", project.slug];
  const { code, out, err } = touchstone([...line, "--scopes", "data:read,code:write", "--days", "7"], database());
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^\S+\n$/);
  const actor = await actorOfToken(out.trim());
  expect(actor?.userId).toBe(alice.userId);
  expect(actor?.token).toMatchObject({ scopes: ["data:read", "code:write"], projectId: project.id });

  const everywhere = touchstone(["token", "create", "--user", alice.handle, "--scopes", "data:read"], database());
  expect((await actorOfToken(everywhere.out.trim()))?.token).toMatchObject({ scopes: ["data:read"], projectId: null });

  const beyond = touchstone([...line, "--scopes", "governance:decide"], database());
  expect(beyond).toMatchObject({ code: 1, out: "" });
  expect(beyond.err).toContain("governance:decide");
});

test("token create names a person who does not exist", () => {
  const line = ["token", "create", "--user", "nobody", "--project", "none", "--scopes", "data:read"];
  const { code, out, err } = touchstone(line, database());
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toContain("'nobody'");
});

test("migrate is content with a database that is up to date", () => {
  const { code, out } = touchstone(["migrate"], database());
  expect({ code, out }).toEqual({ code: 0, out: "The database is up to date.\n" });
});

test("doctor looks at machine, configuration and database, and fails when something is in the way", () => {
  const fine = touchstone(["doctor"], database());
  for (const word of ["Node", "git", "Python", "disk", "ports", "migrations"]) expect(fine.out).toContain(word);
  expect(fine.out).toMatch(/migrations +all \d+ applied/);
  const bad = touchstone(["doctor"], { DATABASE_URL: "postgresql://nobody@127.0.0.1:1/none" });
  expect(bad.code).toBe(1);
  expect(bad.out).toContain("cannot be reached");
  expect(bad.out).toContain("correct DATABASE_URL");
});

test("what needs a running Touchstone says that none runs", () => {
  const { code, err } = touchstone(["worker", "--roles", "monitoring"]);
  expect(code).toBe(1);
  expect(err).toContain(`No Touchstone runs on ${dir}.`);
  expect(err).toContain("npm start");
});

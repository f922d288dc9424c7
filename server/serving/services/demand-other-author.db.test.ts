import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRepository, recordPush, repositoryDir } from "#server/code/index.ts";
import type { Actor } from "#server/identity/index.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { createPerson, createProjectOf } from "#server/platform/testing/people.ts";
import { publishService } from "./publish-service.ts";

testDatabase();

let project: { readonly id: string; readonly slug: string };
let alice: Actor;
let frank: Actor;
let clone: string;

/** Git in a clone, with commits that name an author who is nobody here. */
function git(...args: string[]): string {
  const author = ["-c", "user.name=Eve", "-c", "user.email=eve@example.org"];
  return execFileSync("git", ["-C", clone, ...author, ...args], { encoding: "utf8" }).trim();
}

function write(text: string): void {
  mkdirSync(path.join(clone, "services"), { recursive: true });
  writeFileSync(path.join(clone, "services/adder.py"), text);
}

function commit(text: string, subject: string): string {
  write(text);
  git("add", "--all");
  git("commit", "--quiet", "--message", subject);
  return git("rev-parse", "HEAD");
}

/** Moves a branch as a push over HTTP does it. */
async function push(who: Actor, branch: string): Promise<void> {
  const heads = git("ls-remote", "--heads", "origin")
    .split("\n")
    .map((line) => line.split("\t"));
  const before = Object.fromEntries(heads.map(([head = "", ref = ""]) => [ref.replace("refs/heads/", ""), head]));
  git("push", "--quiet", "origin", `HEAD:refs/heads/${branch}`);
  await recordPush(who, project.slug, { before });
}

const publish = (who: Actor) => publishService(who, project.slug, { path: "services/adder.py" });

beforeAll(async () => {
  const two = [await createPerson("Alice", ["scientist"]), await createPerson("Frank", ["scientist"])] as const;
  [alice, frank] = two;
  project = await createProjectOf({ [two[0].handle]: "scientist", [two[1].handle]: "scientist" });
  await createRepository(project.id, "Services", { name: "Eve", email: "eve@example.org" });
  clone = mkdtempSync(path.join(os.tmpdir(), "four-eyes-"));
  execFileSync("git", ["clone", "--quiet", repositoryDir(project.id), clone]);
});
afterAll(() => rmSync(clone, { recursive: true }));

test("whoever pushed a change does not publish it, whatever author it names", async () => {
  const made = commit("1\n", "Add what adds");
  await push(frank, "main");
  await expect(publish(frank)).rejects.toMatchObject({
    code: "forbidden",
    message: `You pushed a change of services/ that is not published yet: ${made.slice(0, 10)} 'Add what adds'. Nobody publishes their own code.`,
  });
  expect(await publish(alice)).toMatchObject({ number: 1, commit: made });
});

test("who merges what another pushed may publish it, and the other may not", async () => {
  git("checkout", "--quiet", "-b", "more");
  commit("2\n", "Add more");
  await push(alice, "more");
  git("checkout", "--quiet", "main");
  git("merge", "--quiet", "--no-ff", "--message", "Merge more", "more");
  await push(frank, "main");
  await expect(publish(alice)).rejects.toMatchObject({
    message: expect.stringContaining("You pushed a change"),
  });
  expect(await publish(frank)).toMatchObject({ number: 2 });
});

test("a merge that holds a change of its own counts as one", async () => {
  git("checkout", "--quiet", "-b", "yet-more");
  commit("3\n", "Add yet more");
  await push(alice, "yet-more");
  git("checkout", "--quiet", "main");
  git("merge", "--quiet", "--no-ff", "--no-commit", "yet-more");
  const merged = commit("3\nimport os\n", "Merge yet more");
  await push(frank, "main");
  await expect(publish(frank)).rejects.toMatchObject({
    message: expect.stringContaining(`${merged.slice(0, 10)} 'Merge yet more'`),
  });
});

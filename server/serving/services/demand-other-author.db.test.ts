import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  beginPush,
  createBranch,
  createRepository,
  noteCommits,
  recordPush,
  repositoryDir,
} from "#server/code/index.ts";
import type { Actor } from "#server/identity/index.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { createPerson, createProjectOf } from "#server/platform/testing/people.ts";
import { publishService } from "./publish-service.ts";

testDatabase();

let project: { readonly id: string; readonly slug: string };
let alice: Actor;
let frank: Actor;
let grace: Actor;
let clone: string;

/** Git in a clone, with commits that name an author who is nobody here. */
function git(...args: string[]): string {
  const author = ["-c", "user.name=Eve", "-c", "user.email=eve@example.org"];
  return execFileSync("git", ["-C", clone, ...author, ...args], { encoding: "utf8" }).trim();
}

function commit(text: string, subject: string, file = "services/adder.py"): string {
  mkdirSync(path.join(clone, "services"), { recursive: true });
  writeFileSync(path.join(clone, file), text);
  git("add", "--all");
  git("commit", "--quiet", "--message", subject);
  return git("rev-parse", "HEAD");
}

/** Moves a ref as a push over HTTP does it. */
async function push(who: Actor, ref: string): Promise<void> {
  const { push: id, branches, refs } = await beginPush(who, project.slug, {});
  git("push", "--quiet", "origin", `HEAD:${ref}`);
  await noteCommits(who, project.slug, { push: id, before: refs });
  await recordPush(who, project.slug, { before: branches });
}

const publish = (who: Actor, at?: string) =>
  publishService(who, project.slug, { path: "services/adder.py", ...(at === undefined ? {} : { commit: at }) });
const MAIN = "refs/heads/main";

beforeAll(async () => {
  const scientists = await Promise.all([
    createPerson("Alice", ["scientist"]),
    createPerson("Frank", ["scientist"]),
    createPerson("Grace", ["scientist"]),
  ]);
  [alice, frank, grace] = scientists;
  project = await createProjectOf(Object.fromEntries(scientists.map(({ handle }) => [handle, "scientist" as const])));
  await createRepository(project.id, "Services", { name: "Eve", email: "eve@example.org" });
  clone = mkdtempSync(path.join(os.tmpdir(), "four-eyes-"));
  execFileSync("git", ["clone", "--quiet", repositoryDir(project.id), clone]);
});
afterAll(() => rmSync(clone, { recursive: true }));

test("whoever pushed a change does not publish it, whatever author it names", async () => {
  const made = commit("1\n", "Add what adds");
  await push(frank, MAIN);
  await expect(publish(frank)).rejects.toMatchObject({
    code: "forbidden",
    message: `You pushed a change of services/ that is not published yet: ${made.slice(0, 10)} 'Add what adds'. Nobody publishes their own code.`,
  });
  expect(await publish(alice)).toMatchObject({ number: 1, commit: made });
});

test("who merges what another pushed may publish it, and the other may not", async () => {
  git("checkout", "--quiet", "-b", "more");
  commit("2\n", "Add more");
  await push(alice, "refs/heads/more");
  git("checkout", "--quiet", "main");
  // Another file moved on meanwhile, so that the merge has what neither side had, and yet nothing of its own.
  commit("0\n", "Add another", "services/other.py");
  await push(alice, MAIN);
  git("merge", "--quiet", "--no-ff", "--message", "Merge more", "more");
  await push(frank, MAIN);
  await expect(publish(alice)).rejects.toMatchObject({
    message: expect.stringContaining("You pushed a change"),
  });
  expect(await publish(frank)).toMatchObject({ number: 2 });
});

test("a merge that holds a change of its own counts as one", async () => {
  git("checkout", "--quiet", "-b", "yet-more");
  commit("3\n", "Add yet more");
  await push(alice, "refs/heads/yet-more");
  git("checkout", "--quiet", "main");
  git("merge", "--quiet", "--no-ff", "--no-commit", "yet-more");
  const merged = commit("3\nimport os\n", "Merge yet more");
  await push(frank, MAIN);
  await expect(publish(frank)).rejects.toMatchObject({
    message: expect.stringContaining(`${merged.slice(0, 10)} 'Merge yet more'`),
  });
});

test("a commit that came by a tag and a branch before it is on main is still that of who pushed it", async () => {
  git("reset", "--quiet", "--hard", "origin/main");
  const hidden = commit("4\n", "Add by a side door");
  await push(frank, "refs/tags/side");
  await createBranch(frank, project.slug, { name: "side", from: "side" });
  await push(frank, MAIN);
  await expect(publish(frank)).rejects.toMatchObject({ message: expect.stringContaining(hidden.slice(0, 10)) });
});

test("what was taken back before it was ever published is nobody's to publish by itself", async () => {
  const mine = git("rev-parse", "HEAD");
  commit("5\n", "Take it back");
  await push(alice, MAIN);
  await publish(grace);
  await expect(publish(frank, mine)).rejects.toMatchObject({ code: "forbidden" });
});

test("who pushed when the platform ended before that was recorded is asked to leave it to another person", async () => {
  git("reset", "--quiet", "--hard", "origin/main");
  const cut = commit("4 + 4\n", "Add in the dark");
  await beginPush(frank, project.slug, {});
  git("push", "--quiet", "origin", `HEAD:${MAIN}`);
  await expect(publish(frank)).rejects.toMatchObject({
    code: "forbidden",
    message: `You may have pushed a change of services/ that is not published yet: ${cut.slice(0, 10)} 'Add in the dark'. A push of yours was cut off before it was recorded who brought what. Nobody publishes their own code.`,
  });
  // Of a commit that is recorded it does not make him the one who brought it; and nobody else is kept from publishing.
  await publish(grace);
  commit("4 + 5\n", "Add in the light");
  await push(alice, MAIN);
  await publish(frank);
});

test("a branch begins at a commit, and nothing else is read from its name", async () => {
  const before = git("ls-remote", "origin");
  await expect(createBranch(alice, project.slug, { name: "main", from: "-D" })).rejects.toMatchObject({
    code: "not_found",
  });
  expect(git("ls-remote", "origin")).toBe(before);
});

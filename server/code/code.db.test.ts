import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import { isAppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import {
  checkoutCommit,
  commitWorkspace,
  createRepository,
  getCommit,
  getFileDiff,
  getHistory,
  getWorkspace,
  moveFile,
  readFile,
  readFileAt,
  resolveRef,
  saveFile,
  StaleFile,
  deleteFile,
  discardChanges,
} from "./index.ts";
import { gitEnvironment, repositoryDir } from "./git.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
let projectId: string;
const SAMPLE = "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\n";

beforeAll(async () => {
  people = await somePeople();
  projectId = people.project.id;
  await createRepository(projectId, "Test", { name: "Seed", email: "seed@example.com" });
  const first = await saveFile(people.alice, projectId, { path: "src/a.py", text: SAMPLE, expected: null });
  expect(first.blob).toMatch(/^[0-9a-f]{40}$/);
  await commitWorkspace(people.alice, projectId, { message: "Add a", paths: ["src/a.py"] });
});

/** Pushes a change of one file from a clone of its own, as somebody outside would. */
function pushFromOutside(file: string, text: string): void {
  const dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-clone-"));
  const run = (...args: string[]): void => {
    const identity = ["-c", "user.name=Outside", "-c", "user.email=o@example.com"];
    execFileSync("git", [...identity, ...args], {
      cwd: dir,
      env: gitEnvironment() as NodeJS.ProcessEnv,
      stdio: "pipe",
    });
  };
  run("clone", "--quiet", repositoryDir(projectId), ".");
  execFileSync("tee", [path.join(dir, file)], { input: text, stdio: ["pipe", "ignore", "inherit"] });
  run("add", "--all");
  run("commit", "--quiet", "--message", "From outside");
  run("push", "--quiet");
  rmSync(dir, { recursive: true, force: true });
}

test("a commit holds exactly the chosen files, and is recorded", async () => {
  await saveFile(people.alice, projectId, { path: "one.txt", text: "1\n", expected: null });
  await saveFile(people.alice, projectId, { path: "two.txt", text: "2\n", expected: null });
  const { commit } = await commitWorkspace(people.alice, projectId, {
    message: "Add one\n\nbecause",
    paths: ["one.txt"],
  });
  expect((await getCommit(people.bob, projectId, { commit })).files).toEqual([
    { path: "one.txt", from: null, status: "added", additions: 1, deletions: 0 },
  ]);
  expect((await getWorkspace(people.alice, projectId, {})).changes).toEqual([
    { path: "two.txt", status: "added", from: null },
  ]);
  const event = await prisma().auditEvent.findFirstOrThrow({ where: { action: "code.committed", subjectId: commit } });
  expect(event).toMatchObject({ projectId, actorName: people.alice.name });
  expect(await prisma().commitOrigin.findMany({ where: { commit } })).toMatchObject([{ userId: people.alice.userId }]);
  await discardChanges(people.alice, projectId, { paths: ["two.txt"] });
});

test("whom a commit is from is noted even where nothing else of it is", async () => {
  await saveFile(people.alice, projectId, { path: "lost.txt", text: "1\n", expected: null });
  await prisma().$executeRaw`
    create function fail() returns trigger language plpgsql as $$ begin raise exception 'the platform ends here'; end $$`;
  await prisma().$executeRaw`
    create trigger fail before insert on audit_events for each row when (new.action = 'code.committed') execute function fail()`;
  await expect(commitWorkspace(people.alice, projectId, { message: "Lost", paths: ["lost.txt"] })).rejects.toThrow(
    "the platform ends here",
  );
  await prisma().$executeRaw`drop trigger fail on audit_events`;
  const [commit] = (await getHistory(people.alice, projectId, { limit: 1 })).commits;
  expect(commit?.subject).toBe("Lost");
  expect(await prisma().commitOrigin.findMany({ where: { commit: commit?.sha ?? "" } })).toMatchObject([
    { userId: people.alice.userId },
  ]);
});

test("a stale save is refused with the stored text, and nothing is lost", async () => {
  const file = await readFile(people.alice, projectId, { path: "src/a.py" });
  await saveFile(people.alice, projectId, { path: "src/a.py", text: `${SAMPLE}# mine\n`, expected: file.blob });
  const stale = await saveFile(people.alice, projectId, {
    path: "src/a.py",
    text: `${SAMPLE}# other tab\n`,
    expected: file.blob,
  }).catch((e: unknown) => e);
  expect(stale).toBeInstanceOf(StaleFile);
  expect((stale as StaleFile).conflict).toMatchObject({ current: { text: `${SAMPLE}# mine\n` }, base: SAMPLE });
  expect((await readFile(people.alice, projectId, { path: "src/a.py" })).text).toBe(`${SAMPLE}# mine\n`);
  await discardChanges(people.alice, projectId, { paths: ["src/a.py"] });
  expect((await readFile(people.alice, projectId, { path: "src/a.py" })).text).toBe(SAMPLE);
});

test("of two saves at once from one state, one wins and one is told", async () => {
  const { blob } = await readFile(people.alice, projectId, { path: "src/a.py" });
  const results = await Promise.allSettled(
    ["x\n", "y\n"].map((text) => saveFile(people.alice, projectId, { path: "src/a.py", text, expected: blob })),
  );
  expect(results.map((r) => r.status).sort()).toEqual(["fulfilled", "rejected"]);
  await discardChanges(people.alice, projectId, { paths: ["src/a.py"] });
});

test("a pushed commit appears in the draft, merged with what was changed elsewhere in the file", async () => {
  const file = await readFile(people.alice, projectId, { path: "src/a.py" });
  await saveFile(people.alice, projectId, {
    path: "src/a.py",
    text: SAMPLE.replace("a = 1", "a = 10"),
    expected: file.blob,
  });
  pushFromOutside("src/a.py", SAMPLE.replace("e = 5", "e = 50"));
  const workspace = await getWorkspace(people.alice, projectId, {});
  expect(workspace.conflicts).toEqual([]);
  expect(workspace.base).toBe(workspace.head);
  expect((await readFile(people.alice, projectId, { path: "src/a.py" })).text).toBe(
    "a = 10\nb = 2\nc = 3\nd = 4\ne = 50\n",
  );
  await commitWorkspace(people.alice, projectId, { message: "Ten", paths: ["src/a.py"] });
  expect((await getHistory(people.alice, projectId, { path: "src/a.py" })).commits.map((c) => c.subject)).toEqual([
    "Ten",
    "From outside",
    "Add a",
  ]);
});

test("conflicting lines keep both texts, block the commit, and end with a merged save", async () => {
  const file = await readFile(people.alice, projectId, { path: "src/a.py" });
  await saveFile(people.alice, projectId, { path: "src/a.py", text: "a = mine\n", expected: file.blob });
  pushFromOutside("src/a.py", "a = theirs\n");
  expect((await getWorkspace(people.alice, projectId, {})).conflicts).toEqual(["src/a.py"]);
  const refused = await commitWorkspace(people.alice, projectId, { message: "Mine", paths: ["src/a.py"] }).catch(
    (e: unknown) => e,
  );
  expect(isAppError(refused, "conflict")).toBe(true);
  const mine = await readFile(people.alice, projectId, { path: "src/a.py" });
  expect(mine.text).toBe("a = mine\n");
  await saveFile(people.alice, projectId, { path: "src/a.py", text: "a = both\n", expected: mine.blob, settles: true });
  expect((await getWorkspace(people.alice, projectId, {})).conflicts).toEqual([]);
  const { commit } = await commitWorkspace(people.alice, projectId, { message: "Both", paths: ["src/a.py"] });
  const diff = await getFileDiff(people.alice, projectId, { commit, path: "src/a.py" });
  expect(diff).toMatchObject({ before: "a = theirs\n", after: "a = both\n", binary: false });
});

test("a file may not leave the repository, by name or by link", async () => {
  for (const bad of ["../x", "/etc/passwd", "a/../../b", ".git/config", "a\\b", ""]) {
    const refused = await saveFile(people.alice, projectId, { path: bad, text: "x", expected: null }).catch(
      (e: unknown) => e,
    );
    expect(isAppError(refused, "invalid_input"), bad).toBe(true);
  }
});

test("rename, delete, and what they refuse", async () => {
  await saveFile(people.alice, projectId, { path: "n/old.txt", text: "x", expected: null });
  await moveFile(people.alice, projectId, { path: "n/old.txt", to: "m/new.txt" });
  expect((await getWorkspace(people.alice, projectId, {})).changes.map((c) => c.path)).toEqual(["m/new.txt"]);
  const taken = await moveFile(people.alice, projectId, { path: "m/new.txt", to: "README.md" }).catch(
    (e: unknown) => e,
  );
  expect(isAppError(taken, "conflict")).toBe(true);
  await deleteFile(people.alice, projectId, { path: "m/new.txt" });
  expect((await getWorkspace(people.alice, projectId, {})).changes).toEqual([]);
});

test("a checkout writes a commit's files and no trace of git", async () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-checkout-"));
  const commit = await resolveRef(projectId, "main");
  await checkoutCommit(projectId, commit, dir);
  expect(readFileSync(path.join(dir, "src/a.py"), "utf8")).toBe(
    (await readFileAt(projectId, commit, "src/a.py"))?.toString(),
  );
  expect(() => readFileSync(path.join(dir, ".git"))).toThrow();
  rmSync(dir, { recursive: true, force: true });
});

test("another project's code is not found, and a viewer may not read it", async () => {
  const foreign = await getHistory(people.eve, projectId, {}).catch((e: unknown) => e);
  expect(isAppError(foreign, "not_found")).toBe(true);
  const viewer = await getHistory(people.carol, projectId, {}).catch((e: unknown) => e);
  expect(isAppError(viewer, "forbidden")).toBe(true);
});

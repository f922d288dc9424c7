import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expectSaved, openFile, statusBar, typeAtEnd, typeAtStart, withoutSaving } from "./fixtures/editor.ts";
import { cloneUrl, git, gitRefusal, withClone } from "./fixtures/git.ts";
import { expect, test } from "./fixtures/test.ts";

const READ = ["code:read"];
const WRITE = ["code:read", "code:write"];
/** Tells this run's text from that of an earlier run on the same instance. */
const stamp = Date.now().toString(36);

test("a commit that is pushed from outside stands in the open workbench", async ({ pageOf, token }) => {
  const alice = await pageOf("alice");
  await alice.goto("/p/penguins/code");
  const editor = await openFile(alice, "README.md");
  await alice.getByRole("navigation", { name: "Workbench views" }).getByRole("button", { name: "History" }).click();
  await expect(alice.getByRole("list", { name: "Commits" })).toContainText("Start Penguins from the sample");

  const subject = `Say where the colony nests ${stamp}`;
  const line = `The colony nests at Cape ${stamp}.`;
  const commit = await withClone("penguins", await token("alice", "penguins", WRITE), async (dir) => {
    expect(await git(["branch", "--show-current"], dir)).toBe("main");
    const readme = path.join(dir, "README.md");
    writeFileSync(readme, `${line}\n\n${readFileSync(readme, "utf8")}`);
    await git(["commit", "--quiet", "--all", "--message", subject], dir);
    await git(["push", "--quiet", "origin", "main"], dir);
    return await git(["rev-parse", "HEAD"], dir);
  });

  // Nobody reloads: the page hears of it.
  const listed = alice.getByRole("list", { name: "Commits" }).getByRole("button", { name: subject });
  await expect(listed).toContainText(commit.slice(0, 8));
  await expect(listed).toContainText("Alice Martin");
  await expect(editor).toContainText(line);
  await expect(statusBar(alice)).toContainText(commit.slice(0, 8));

  await listed.click();
  await expect(alice.getByRole("heading", { name: subject })).toBeVisible();
  await expect(alice.getByRole("list", { name: "Changed files" })).toContainText("README.md");
  await expect(alice.getByTestId("diff")).toContainText(line);
});

test("a difference that is left before it is computed is left without a complaint", async ({ pageOf }) => {
  const alice = await pageOf("alice");
  // The editor's worker hears of nothing until it is let go: the difference is asked for, and its texts are gone before it can be answered.
  await alice.addInitScript(() => {
    const held: (() => void)[] = [];
    const send = Object.getOwnPropertyDescriptor(Worker.prototype, "postMessage");
    Worker.prototype.postMessage = function (this: Worker, ...message: unknown[]) {
      held.push(() => {
        Reflect.apply(send?.value as () => void, this, message);
      });
    };
    addEventListener("let-go", () => {
      Object.defineProperty(Worker.prototype, "postMessage", send ?? {});
      for (const each of held) each();
      document.documentElement.dataset["held"] = String(held.length);
    });
  });
  await alice.goto("/p/penguins/code");
  const views = alice.getByRole("navigation", { name: "Workbench views" });
  // Kept open beside it: without any other text the editor ends its worker, and what was asked of it with it.
  await openFile(alice, "README.md");
  const newest = alice.getByRole("list", { name: "Commits" }).getByRole("button").first();
  await views.getByRole("button", { name: "History" }).click();
  await newest.click();
  await expect(alice.getByTestId("diff")).toBeVisible();
  await views.getByRole("button", { name: "Files" }).click();
  await openFile(alice, "SOURCE.md");
  await expect(alice.getByTestId("diff")).toHaveCount(0);

  await alice.evaluate(() => dispatchEvent(new Event("let-go")));
  await expect(alice.locator("html")).toHaveAttribute("data-held", /^[1-9]/);
  // What came of the first difference is known to the guard by the time a later one is shown: the worker answers in turn.
  await views.getByRole("button", { name: "History" }).click();
  await newest.click();
  await expect(alice.getByTestId("diff").locator(".line-insert").first()).toBeVisible();
});

test("git is refused in words: a wrong token, one that may only read, one of another project", async ({ token }) => {
  const wrong = cloneUrl("penguins", `tst_${"x".repeat(32)}`);
  expect(await gitRefusal(["ls-remote", wrong])).toMatch(/Authentication failed/);

  const reader = await token("alice", "penguins", READ);
  await withClone("penguins", reader, async (dir) => {
    const before = await git(["rev-parse", "HEAD"], dir);
    appendFileSync(path.join(dir, "README.md"), "Not allowed.\n");
    await git(["commit", "--quiet", "--all", "--message", "Try without the right"], dir);
    const said = await gitRefusal(["push", "origin", "main"], dir);
    expect(said).toContain("code:write");
    expect(await git(["ls-remote", "origin", "refs/heads/main"], dir)).toContain(before);
  });

  expect(await gitRefusal(["ls-remote", cloneUrl("flight-delays", reader)])).toMatch(/no project|not found/i);
});

test("history is kept: a push that rewrites it is refused", async ({ token }) => {
  await withClone("penguins", await token("alice", "penguins", WRITE), async (dir) => {
    await git(["commit", "--quiet", "--amend", "--message", "Another past"], dir);
    expect(await gitRefusal(["push", "--force", "origin", "main"], dir)).toMatch(/rejected|denied|refus/i);
  });
});

test("two browsers edit different lines of one file: both edits stay", async ({ pageOf, guard }) => {
  guard.allow(/net::ERR_FAILED|Failed to load resource.* 412/);
  const [one, two] = [await pageOf("alice"), await pageOf("alice")];
  for (const page of [one, two]) {
    await page.goto("/p/penguins/code");
    await openFile(page, "SOURCE.md");
  }
  const [top, bottom] = [`Top ${stamp}`, `Bottom ${stamp}`];

  await withoutSaving(two, async () => {
    await typeAtEnd(two, `\n${bottom}`);
    await expect(two.getByText("Your text is kept in this browser and sent again.")).toBeVisible();
    await typeAtStart(one, `${top}\n`);
    await expectSaved(one);
  });
  await expectSaved(two);

  await one.reload();
  for (const page of [one, two]) {
    const editor = page.getByTestId("editor");
    await editor.locator(".view-line").first().click();
    await page.keyboard.press("ControlOrMeta+Home");
    await expect(editor).toContainText(top);
    await page.keyboard.press("ControlOrMeta+End");
    await expect(editor).toContainText(bottom);
  }
});

test("two browsers edit the same line: the second is asked, and neither text is lost", async ({ pageOf, guard }) => {
  guard.allow(/net::ERR_FAILED|Failed to load resource.* 412/);
  const [one, two] = [await pageOf("alice"), await pageOf("alice")];
  for (const page of [one, two]) {
    await page.goto("/p/penguins/code");
    await openFile(page, "package.json");
  }
  const [mine, theirs] = [`mine-${stamp}`, `theirs-${stamp}`];

  await withoutSaving(two, async () => {
    await typeAtStart(two, `${mine} `);
    await typeAtStart(one, `${theirs} `);
    await expectSaved(one);
  });

  const alert = two.getByRole("alert").filter({ hasText: "package.json was changed elsewhere in the same lines" });
  await expect(alert).toContainText("Your text is kept");
  await alert.getByRole("button", { name: "Merge package.json" }).click();
  const dialog = two.getByRole("dialog", { name: "Merge package.json" });
  await expect(dialog).toContainText(theirs);
  await expect(dialog).toContainText(mine);

  // Decided later, the text is still there, even after a reload.
  await dialog.getByRole("button", { name: "Decide later" }).click();
  await two.reload();
  await expect(two.getByTestId("editor")).toContainText(mine);
  await two.getByRole("button", { name: "Merge package.json" }).click();
  await dialog.getByRole("button", { name: "Save the right side" }).click();
  await expectSaved(two);
  await one.reload();
  await expect(one.getByTestId("editor")).toContainText(mine);

  // What was not committed can be put back.
  await one.getByRole("navigation", { name: "Workbench views" }).getByRole("button", { name: "Changes" }).click();
  for (const name of ["package.json", "data/SOURCE.md"]) {
    await one.getByRole("button", { name: `Discard ${name}` }).click();
    await one.getByRole("dialog").getByRole("button", { name: "Discard", exact: true }).click();
  }
  await expect(one.getByText("Nothing differs from the last commit.")).toBeVisible();
});

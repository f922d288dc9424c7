import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { populatedPenguins } from "./fixtures/populated.ts";
import { expect, test } from "./fixtures/test.ts";

const run = promisify(execFile);
/** How somebody runs what they pasted into a file. */
const LANGUAGES = [
  { language: "curl", file: "call.sh", program: "bash", needs: ["curl", "--version"] },
  { language: "Python", file: "call.py", program: "python3", needs: ["python3", "--version"] },
  { language: "TypeScript", file: "call.ts", program: process.execPath, needs: [process.execPath, "--version"] },
] as const;

test.beforeAll(async ({ playwright, token, browser }) => {
  test.setTimeout(240_000);
  await populatedPenguins({ playwright, token, browser });
});

test("the calls on the endpoint's page work when pasted, with a token made there", async ({ pageOf }) => {
  const alice = await pageOf("alice");
  await alice.goto("/p/penguins/endpoints/penguins");
  const main = alice.getByRole("main");
  await expect(main.getByText("Live", { exact: true }).first()).toBeVisible();
  await expect(main).toContainText("approved by Bob Keller");
  await alice.getByRole("tab", { name: "Call it" }).click();
  await alice.getByRole("button", { name: "Create token" }).click();
  const dialog = alice.getByRole("dialog", { name: "Create a token" });
  await dialog.getByLabel(/^Name/).fill("a pasted call");
  await dialog.getByRole("button", { name: "Create token" }).click();
  const shown = alice.getByRole("dialog", { name: "Copy the token now" });
  await expect(shown).toContainText(/tst_/);
  await shown.getByRole("button", { name: "I have copied it" }).click();

  const section = alice.locator("section", { has: alice.getByRole("heading", { name: "Ask for a prediction" }) });
  const dir = mkdtempSync(path.join(os.tmpdir(), "touchstone-call-"));
  try {
    for (const { language, file, program, needs } of LANGUAGES) {
      if (!(await run(needs[0], [needs[1]]).catch(() => null))) continue;
      await section.getByRole("button", { name: language, exact: true }).click();
      const code = (await section.locator("pre code").textContent()) ?? "";
      writeFileSync(path.join(dir, file), code);
      const { stdout } = await run(program, [path.join(dir, file)]);
      expect(stdout, language).toMatch(/Adelie|Chinstrap|Gentoo/);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  await alice.getByRole("tab", { name: /^Predictions/ }).click();
  await expect(alice.getByRole("grid").getByRole("row").nth(1)).toBeVisible();

  // A revoked token opens nothing any more.
  await alice.goto("/p/penguins/settings?tab=tokens");
  const row = alice
    .getByRole("grid", { name: "API tokens" })
    .getByRole("row")
    .filter({ hasText: "a pasted call" })
    .first();
  await row.getByRole("button", { name: "Acts for this row" }).click();
  await alice.getByRole("menuitem", { name: "Revoke" }).click();
  await alice.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(row).toContainText("Revoked");
});

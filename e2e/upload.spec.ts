import { readFileSync } from "node:fs";
import { fact } from "./fixtures/reading.ts";
import { expect, test } from "./fixtures/test.ts";

const FILE = readFileSync("examples/penguins/data/penguins-2007-2008.csv", "utf8");

test("a broken file is refused with its line and column, and nothing is stored", async ({ pageOf, guard }) => {
  guard.allow(/Failed to load resource.* 400/);
  const alice = await pageOf("alice");
  await alice.goto("/p/penguins/data/penguins");
  const versions = await fact(alice, "Version").textContent();
  await alice.getByRole("button", { name: "Upload version" }).click();
  const dialog = alice.getByRole("dialog", { name: "New version of penguins" });
  const [header = "", first = ""] = FILE.split("\n");
  const heavy = first.replace(/,\d{4},/, ",heavy,");
  const broken = [header, ...new Array<string>(30_000).fill(first), heavy, first].join("\n");
  await dialog
    .locator("input[type=file]")
    .setInputFiles({ name: "broken.csv", mimeType: "text/csv", buffer: Buffer.from(broken) });
  await dialog.getByRole("button", { name: "Upload", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText(/line 30,?002\b.*body_mass_g/);
  await dialog.getByRole("button", { name: "Close" }).click();
  await alice.reload();
  await expect(fact(alice, "Version")).toHaveText(versions ?? "");
});

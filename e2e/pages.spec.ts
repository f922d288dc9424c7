import type { Page } from "@playwright/test";
import { addressOf, NONE, patternOf, platformPages, projectPages, type Things } from "./fixtures/addresses.ts";
import { populatedPenguins } from "./fixtures/populated.ts";
import { expect, test } from "./fixtures/test.ts";

// Every page there is in the source: with what the loop left in Penguins, and in a project in which nothing has happened yet. Each in light and dark, at
// 900 pixels, and without a link that leads nowhere.

let things: Things = {};
const EMPTY = `empty-${Date.now().toString(36)}`;
/** Pages of one thing; in an empty project there is none. */
const isOfOneThing = (pattern: string) => /\[(?!project)/.test(pattern);
/** Monaco brings its own markup and announces itself to screen readers in its own way. */
const FOREIGN = [".monaco-editor", ".monaco-diff-editor"];
const checkedLinks = new Set<string>();

test.beforeAll(async ({ playwright, token, browser }) => {
  test.setTimeout(240_000);
  things = await populatedPenguins({ playwright, token, browser });
});

/** Waits until nothing is a placeholder any more. */
async function settle(page: Page): Promise<void> {
  await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
  await expect(page.locator(".bone")).toHaveCount(0);
}

async function expectFits(page: Page): Promise<void> {
  await page.setViewportSize({ width: 900, height: 900 });
  await expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), {
      message: `${page.url()} at 900 px: pixels beyond the window`,
    })
    .toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1440, height: 900 });
}

/** Follows every link to a page of ours that no page before this one has shown. */
async function expectNoDeadLink(page: Page): Promise<void> {
  const hrefs = await page
    .locator("a[href^='/']")
    .evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  const fresh = [...new Set(hrefs)].filter(
    (href): href is string => href !== null && !href.startsWith("/api/") && !checkedLinks.has(href),
  );
  const dead: string[] = [];
  for (const href of fresh) {
    checkedLinks.add(href);
    const status = (await page.request.get(href)).status();
    if (status >= 400) dead.push(`${href}: ${status}`);
  }
  expect(dead, `dead links on ${page.url()}`).toEqual([]);
}

async function check(page: Page, axe: (page: Page, options?: { exclude?: string[] }) => Promise<void>): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    await settle(page);
    await axe(page, { exclude: FOREIGN });
  }
  await expectFits(page);
  await expectNoDeadLink(page);
}

for (const file of [...projectPages(), ...platformPages()]) {
  const pattern = patternOf(file) === "/" ? "/" : patternOf(file);
  test(`${pattern} with data`, async ({ keptPageOf, axe }) => {
    test.setTimeout(120_000);
    test.skip(pattern.includes("/alerts/") && things["alert"] === NONE, "No alert was opened: the loop opens one.");
    const page = await keptPageOf(pattern === "/control-plane" ? "dave" : "alice");
    const query = pattern.endsWith("/compare") ? "?top=12" : "";
    const answer = await page.goto(addressOf(file, "penguins", things) + query);
    expect(answer?.status()).toBe(200);
    await settle(page);
    await expect(page.getByRole("heading", { level: 1, name: "Not found" })).toHaveCount(0);
    if (!["/", "/p/[project]"].includes(pattern))
      await expect(page).toHaveTitle(pattern.startsWith("/p/") ? /^.+ · Penguins · Touchstone$/ : /^.+ · Touchstone$/);
    await check(page, axe);
    const tabs = page.getByRole("main").getByRole("tab");
    for (let i = 1; i < (await tabs.count()); i += 1) {
      await tabs.nth(i).click();
      await expect(tabs.nth(i)).toHaveAttribute("aria-selected", "true");
      await settle(page);
      await axe(page, { exclude: FOREIGN });
      await expectNoDeadLink(page);
    }
  });
}

test.describe("an empty project", () => {
  test.describe.configure({ mode: "serial" });

  test("is created from Home", async ({ pageOf }) => {
    const alice = await pageOf("alice");
    await alice.goto("/");
    await alice.getByRole("button", { name: "New project" }).click();
    const dialog = alice.getByRole("dialog");
    await dialog.getByLabel(/^Name/).fill("Nothing yet");
    await dialog.getByLabel(/^Short name/).fill(EMPTY);
    await dialog.getByRole("button", { name: /^Create/ }).click();
    await expect(alice).toHaveURL(new RegExp(`/p/${EMPTY}$`));
  });

  for (const file of projectPages().filter((each) => !isOfOneThing(patternOf(each))))
    test(`${patternOf(file)} with nothing`, async ({ keptPageOf, axe }) => {
      const page = await keptPageOf("alice");
      const answer = await page.goto(addressOf(file, EMPTY, things));
      expect(answer?.status()).toBe(200);
      await check(page, axe);
    });
});

for (const [path, back, href] of [
  ["/p/penguins/nowhere", "Go to Overview", "/p/penguins"],
  ["/p/nobody-made-this", "Go home", "/"],
  ["/p/penguins/data/nothing", "Go to Data", "/p/penguins/data"],
  ["/p/penguins/reviews/999999", "Go to Reviews", "/p/penguins/reviews"],
] as const)
  test(`${path} is said not to exist, with a way back`, async ({ keptPageOf, guard, axe }) => {
    guard.allow(/Failed to load resource.* 404/);
    const page = await keptPageOf("carol");
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1, name: "Not found" })).toBeVisible();
    await expect(page.getByRole("link", { name: back })).toHaveAttribute("href", href);
    await axe(page);
    await expectNoDeadLink(page);
  });

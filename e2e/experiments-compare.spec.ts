import { readFileSync } from "node:fs";
import { expect, type Page } from "@playwright/test";
import { comparedRuns } from "./fixtures/compared-runs.ts";
import { post } from "./fixtures/mlflow.ts";
import { test } from "./fixtures/test.ts";

interface Asked {
  readonly steps?: { readonly from: number; readonly to: number };
}

const chart = (page: Page, title: string) =>
  page.locator("figure", { has: page.getByRole("heading", { name: title }) });

test("a search is compared: lines, zoom, brushes, differences, importance, and a link that restores it all", async ({
  api,
  pageOf,
  axe,
}) => {
  test.setTimeout(150_000);
  const client = await api("alice", "penguins", ["tracking:read", "tracking:write"]);
  const { experiment, runs } = await comparedRuns(client, `compare ${Date.now()}`);
  const page = await pageOf("alice");
  await page.goto(`/p/penguins/experiments/compare?experiment=${experiment}&top=100`);
  await expect(page.getByRole("heading", { level: 1, name: "Compare 12 runs" })).toBeVisible();

  await test.step("only differences, and the change against a baseline with its direction", async () => {
    const table = page.getByRole("region", { name: "Differences" });
    await expect(table.getByRole("row", { name: /^lr/ })).toBeVisible();
    await expect(table.getByRole("row", { name: /^same/ })).toHaveCount(0);
    await page.getByRole("switch", { name: "Only differences" }).click();
    await expect(table.getByRole("row", { name: /^same/ })).toBeVisible();
    await page.getByLabel("Baseline").selectOption({ label: "search-01" });
    await expect(table.getByRole("row", { name: /^accuracy/ })).toContainText("+50.5%");
    await expect(table.getByRole("row", { name: /^accuracy/ })).toContainText("better");
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export CSV" }).click(),
    ]);
    expect(readFileSync(await file.path(), "utf8")).toMatch(/Metrics,accuracy,0\.6,/);
  });

  await test.step("lines of every run with their spike, bars for what was logged once", async () => {
    await page.getByRole("tab", { name: /Metrics/ }).click();
    const loss = chart(page, "train/loss");
    await expect(loss.locator("canvas").first()).toBeVisible();
    await expect(loss).toContainText("of 36,000 values, the extremes of every stretch kept");
    await expect(chart(page, "accuracy").locator("svg rect[fill^='var(--chart']")).toHaveCount(12);
    // Not all of the bars fit, and a list that ends with a whole row looks complete.
    await expect(chart(page, "accuracy")).toContainText("12 runs, the list scrolls");
    await loss.getByRole("button", { name: "Export: train/loss" }).click();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "Export CSV" }).click(),
    ]);
    const lines = readFileSync(await file.path(), "utf8")
      .trim()
      .split(/\r?\n/);
    expect(lines[0]).toBe("Run,Step,Time,Value");
    for (let i = 0; i < 12; i += 1)
      expect(lines.filter((line) => line.includes(",1234,") && line.endsWith(`,${50 + i}`))).toHaveLength(1);
    await axe(page);
  });

  await test.step("lines are drawn anew in the colours of the other theme", async () => {
    const picture = () =>
      chart(page, "train/loss")
        .locator("canvas")
        .first()
        .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    const before = await picture();
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(picture).not.toBe(before);
    await page.emulateMedia({ colorScheme: "light" });
    await expect.poll(picture).toBe(before);
  });

  await test.step("dragging zooms in and asks the server for that part", async () => {
    const plot = chart(page, "train/loss").locator(".u-over");
    await plot.scrollIntoViewIfNeeded();
    const box = await plot.boundingBox();
    if (box === null) throw new Error("the chart has no place");
    const asked = page.waitForRequest(
      (request) => request.url().endsWith("/runs/metrics") && (request.postDataJSON() as Asked).steps !== undefined,
    );
    await page.mouse.move(box.x + box.width * 0.25, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 80, { steps: 5 });
    await page.mouse.up();
    const { steps } = (await asked).postDataJSON() as Asked;
    expect(steps?.from).toBeGreaterThan(600);
    expect(steps?.to).toBeLessThan(1650);
    await expect(page).toHaveURL(/range=/);
    await page.mouse.move(box.x + box.width * 0.7, box.y + 70);
    await expect(chart(page, "train/loss").getByRole("status")).toContainText("Step");
    await page.getByRole("button", { name: "Show all of x" }).click();
    await expect(page).not.toHaveURL(/range=/);
  });

  await test.step("another metric gives x: values of the same step are paired, and the rest is counted", async () => {
    await page.getByLabel("Horizontal axis").selectOption({ label: "By metric tokens" });
    const loss = chart(page, "train/loss");
    // Of 3,000 steps every tenth has its tokens.
    await expect(loss).toContainText("without partner: 32,400 of train/loss, 0 of tokens");
    await expect(chart(page, "accuracy")).toContainText("without partner: 0 of accuracy, 3,588 of tokens");
    await loss.getByRole("button", { name: "Export: train/loss" }).click();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "Export CSV" }).click(),
    ]);
    const lines = readFileSync(await file.path(), "utf8")
      .trim()
      .split(/\r?\n/);
    expect(lines[0]).toBe("Run,Step,tokens,train/loss");
    expect(lines.filter((line) => line.startsWith("search-01,10,5120,"))).toHaveLength(1);
    await expect(page).toHaveURL(/x=metric%3Atokens/);
    await page.getByLabel("Horizontal axis").selectOption({ label: "By step" });
    await expect(loss).toContainText("of 36,000 values");
  });

  await test.step("a colour chosen for a run is its colour in every chart and in the table, and goes along with a link", async () => {
    const list = page.getByRole("complementary", { name: "Runs" });
    const stroke = (where: Page) =>
      where
        .getByRole("complementary", { name: "Runs" })
        .getByRole("button", { name: "Colour of search-01" })
        .locator("line");
    const before = await stroke(page).getAttribute("stroke");
    const hue = before === "var(--chart-2)" ? 3 : 2;
    await list.getByRole("button", { name: "Colour of search-01" }).click();
    await page.getByRole("menuitem", { name: `Colour ${hue}` }).click();
    await expect(stroke(page)).toHaveAttribute("stroke", `var(--chart-${hue})`);
    await expect(chart(page, "accuracy").locator(`svg rect[fill='var(--chart-${hue})']`).first()).toBeVisible();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("button", { name: "Copy link" }).click();
    await expect(page.getByText("The link to this view is copied.")).toBeVisible();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    const bob = await pageOf("bob");
    await bob.goto(link);
    await expect(stroke(bob)).toHaveAttribute("stroke", `var(--chart-${hue})`);
    await bob.goto(`/p/penguins/experiments/compare?experiment=${experiment}&top=100`);
    await expect(stroke(bob)).toHaveAttribute("stroke", before ?? "");
    const table = await pageOf("alice");
    await table.goto(`/p/penguins/experiments?experiment=${experiment}`);
    await expect(
      table
        .locator(`[data-run="${runs[0] ?? ""}"]`)
        .getByRole("button", { name: "Colour of the run" })
        .locator("span"),
    ).toHaveAttribute("style", new RegExp(`--chart-${hue}\\b`));
  });

  await test.step("a hidden run is drawn nowhere", async () => {
    await page.getByRole("button", { name: "Show search-12" }).click();
    await expect(chart(page, "accuracy").locator("svg rect[fill^='var(--chart']")).toHaveCount(11);
  });

  await test.step("a brush chooses runs and dims the others everywhere", async () => {
    await page.getByRole("tab", { name: "Parallel" }).click();
    const axis = page.locator("rect[data-axis='metric:accuracy']");
    const box = await axis.boundingBox();
    if (box === null) throw new Error("the axis has no place");
    await page.mouse.move(box.x + box.width / 2, box.y + 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.3, { steps: 4 });
    await page.mouse.up();
    // Of search-05, -06 and -11 (search-12 is hidden) the accuracy is above 0.81.
    await expect(page.locator("path[data-run]:not([data-dim])")).toHaveCount(3);
    await expect(page.getByText("3 of 11 runs are chosen by the brush.")).toBeVisible();
    await expect(page.getByRole("complementary", { name: "Runs" }).locator("li[data-dim]")).toHaveCount(8);
    // Escape takes back what is being dragged, and the brush that was there stays.
    const link = page.url();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.5);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.9, { steps: 4 });
    await page.keyboard.press("Escape");
    await page.mouse.up();
    expect(page.url()).toBe(link);
    await expect(page.getByText("3 of 11 runs are chosen by the brush.")).toBeVisible();
  });

  await test.step("Back returns to the way to compare before, and Forward to this one", async () => {
    await page.goBack();
    await expect(page.getByRole("tab", { name: "Metrics" })).toHaveAttribute("aria-selected", "true");
    await expect(chart(page, "accuracy")).toBeVisible();
    await page.goForward();
    await expect(page.getByText("3 of 11 runs are chosen by the brush.")).toBeVisible();
  });

  await test.step("the limits of a brush are exact, stay where nothing was typed, and say what cannot be one", async () => {
    await page.getByRole("button", { name: "accuracy", exact: true }).click();
    const menu = page.getByRole("dialog", { name: "Axis accuracy" });
    const from = menu.getByLabel("From");
    const link = page.url();
    await from.focus();
    await menu.getByLabel("To").focus();
    await from.fill("most");
    await from.press("Enter");
    await expect(menu.getByText("A number is expected.")).toBeVisible();
    await expect(from).toBeFocused();
    expect(page.url()).toBe(link);
    await from.fill("0,8100000001");
    await from.press("Enter");
    await expect(page).toHaveURL(/0\.8100000001/);
    await expect(from).toHaveValue("0.8100000001");
    await page.keyboard.press("Escape");
  });

  await test.step("a parameter over decades has a logarithmic axis, with round numbers on it", async () => {
    await page.getByRole("tab", { name: "Scatter" }).click();
    await page.getByLabel("Horizontal").selectOption({ label: "parameter lr" });
    const scatter = chart(page, "accuracy by lr");
    await expect(scatter).toContainText("lr on a logarithmic axis");
    for (const tick of ["0.0001", "0.001", "0.01"])
      await expect(scatter.getByText(tick, { exact: true })).toBeVisible();
    await page.getByLabel("Horizontal").selectOption({ label: "parameter depth" });
    await expect(chart(page, "accuracy by depth")).not.toContainText("logarithmic");
  });

  await test.step("the importance of the parameters comes from the worker", async () => {
    await page.getByRole("tab", { name: "Importance" }).click();
    await expect(page.getByRole("heading", { name: "What goes with accuracy" })).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText("Association among these runs, not cause.")).toBeVisible();
    // A picture goes where nobody can ask, so the caveat goes along with it.
    await page.getByRole("button", { name: "Export: What goes with accuracy" }).click();
    const [picture] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "Export PNG" }).click(),
    ]);
    const drawn = await chart(page, "What goes with accuracy").locator("svg[role=img]").boundingBox();
    // Title, drawing and at least a line of the note, at twice their size.
    expect(readFileSync(await picture.path()).readUInt32BE(20)).toBeGreaterThanOrEqual(
      2 * ((drawn?.height ?? 0) + 32 + 26),
    );
    await page.getByRole("button", { name: "Show table: What goes with accuracy" }).click();
    await expect(
      page
        .getByRole("region", { name: /What goes with accuracy, table/ })
        .getByRole("row")
        .nth(1),
    ).toContainText("lr");
  });

  await test.step("the link restores what was chosen", async () => {
    const again = await pageOf("alice");
    await again.goto(page.url().replace("tab=importance", "tab=parallel"));
    await expect(again.locator("path[data-run]:not([data-dim])")).toHaveCount(3);
    await expect(again.getByRole("button", { name: "Show search-12" })).toHaveAttribute("aria-pressed", "false");
    await again.getByRole("tab", { name: /Differences/ }).click();
    await expect(again.getByLabel("Baseline")).toHaveValue(runs[0] ?? "");
  });
});

test("charts come up in a browser whose language is no language tag, as under a POSIX locale", async ({
  api,
  pageOf,
}) => {
  const client = await api("alice", "penguins", ["tracking:read", "tracking:write"]);
  const { experiment } = await comparedRuns(client, `posix ${Date.now()}`);
  const page = await pageOf("alice");
  await page.addInitScript(() =>
    Object.defineProperty(Navigator.prototype, "language", { get: () => "en-US@posix", configurable: true }),
  );
  await page.goto(`/p/penguins/experiments/compare?experiment=${experiment}&tab=metrics`);
  await expect(page.locator("[data-metric] .u-over").first()).toBeVisible();
});

test("what could not be read is said in its place, and asked for again", async ({ pageOf, api, guard }) => {
  guard.allow(/503/);
  const client = await api("alice", "penguins", ["tracking:read", "tracking:write"]);
  const runs: string[] = [];
  for (const run_name of ["unread-1", "unread-2"]) {
    const body = { experiment_id: "0", run_name, start_time: Date.now() };
    const { run } = await post<{ run: { info: { run_id: string } } }>(client, "runs/create", body);
    runs.push(run.info.run_id);
  }
  const page = await pageOf("alice");
  const unread = /\/run-environments|\/artifacts(\?|$)/;
  let pressed = false;
  await page.exposeFunction("onPressed", () => (pressed = true));
  await page.addInitScript("addEventListener('pointerdown', () => onPressed(), true)");
  // Until the button is pressed: news of runs make the page ask by itself.
  await page.route(unread, (route) => (pressed ? route.continue() : route.fulfill({ status: 503, body: "" })));
  const asked = async (title: string) => {
    const note = page.getByRole("alert").filter({ hasText: title });
    await expect(note).toBeVisible({ timeout: 30_000 });
    await note.getByRole("button", { name: "Try again" }).click();
    await expect(note).toHaveCount(0);
    pressed = false;
  };
  await page.goto(`/p/penguins/experiments/compare?runs=${runs.join(",")}`);
  await asked("Packages and machines of the runs are not compared");
  const [first = ""] = runs;
  const put = `/api/2.0/mlflow-artifacts/artifacts/0/${first}/artifacts/left.txt`;
  expect((await client.put(put, { data: "left" })).status()).toBe(200);
  await page.goto(`/p/penguins/experiments/runs/${first}?tab=artifacts`);
  await asked("Not all files could be listed");
  await expect(page.getByRole("treeitem", { name: "left.txt" })).toBeVisible();
  await page.goto("/p/penguins/experiments/compare?runs=gone-1,gone-2");
  await expect(page.getByText("Of the 2 runs that the address names, none is here")).toBeVisible();
});

test("what is chosen while runs arrive stays chosen, and the page shows them without loading anew", async ({
  api,
  pageOf,
}) => {
  const client = await api("alice", "penguins", ["tracking:read", "tracking:write"]);
  const name = `arriving ${Date.now()}`;
  const { experiment_id: experiment } = await post<{ experiment_id: string }>(client, "experiments/create", { name });
  const arrive = (i: number) =>
    post(client, "runs/create", { experiment_id: experiment, run_name: `arrived-${i}`, start_time: Date.now() + i });
  for (const i of [1, 2]) await arrive(i);
  const page = await pageOf("alice");
  await page.goto(`/p/penguins/experiments/compare?experiment=${experiment}&top=100`);
  await expect(page.getByRole("heading", { level: 1, name: "Compare 2 runs" })).toBeVisible();
  await page.evaluate(() => Object.assign(window, { kept: true }));
  // As slow as over a long line: every change of the address falls into an answer that is on its way.
  await page.route(/[?&]_rsc=/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    await route.continue();
  });
  for (let i = 3; i <= 16; i += 1) {
    await arrive(i);
    await page.getByRole("tab", { name: i % 2 === 0 ? "Parallel" : "Scatter" }).click();
    await page.waitForTimeout(350);
  }
  await expect(page.getByRole("heading", { level: 1, name: "Compare 16 runs" })).toBeVisible();
  await expect(page.getByRole("tab", { name: "Parallel" })).toHaveAttribute("aria-selected", "true");
  // The last change of the address, while the last news is being asked for: nothing comes afterwards that would bring it along.
  await page.waitForLoadState("networkidle");
  await page.getByRole("tab", { name: "Boxes" }).click();
  const asked = page.waitForRequest(/[?&]_rsc=/);
  await arrive(17);
  await asked;
  await page.getByRole("tab", { name: "Scatter" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Compare 17 runs" })).toBeVisible();
  await expect(page.getByRole("tab", { name: "Scatter" })).toHaveAttribute("aria-selected", "true");
  expect(await page.evaluate(() => "kept" in window)).toBe(true);
});

test("values that are no numbers are shown where they were logged, and charts say which runs they leave out", async ({
  api,
  pageOf,
  axe,
}) => {
  const client = await api("alice", "penguins", ["tracking:read", "tracking:write"]);
  const { experiment_id: experiment } = await post<{ experiment_id: string }>(client, "experiments/create", {
    name: `diverged ${Date.now()}`,
  });
  const prompt = `Say yes.\n${"word ".repeat(1000)}end`;
  const ids: string[] = [];
  for (const [i, value] of [0.5, "NaN", "Infinity", null, 0.25].entries()) {
    const { run } = await post<{ run: { info: { run_id: string } } }>(client, "runs/create", {
      experiment_id: experiment,
      run_name: `try-${i}`,
      start_time: Date.now() + i,
    });
    ids.push(run.info.run_id);
    await post(client, "runs/log-batch", {
      run_id: run.info.run_id,
      metrics: value === null ? [] : [{ key: "loss", value, timestamp: 1, step: 0 }],
      params: [
        { key: "rate", value: String(i / 10) },
        { key: "prompt", value: i === 0 ? prompt : "short" },
      ],
    });
  }
  const page = await pageOf("alice");
  await page.goto(`/p/penguins/experiments/compare?runs=${ids.join(",")}&tab=metrics`);
  const loss = chart(page, "loss");
  await expect(loss).toContainText("1 run without a value");
  await expect(loss.locator("svg[role=img] text[data-number]")).toHaveText(["∞", "0.5000", "0.2500", "NaN"]);
  await loss.getByRole("button", { name: "Export: loss" }).click();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "Export CSV" }).click(),
  ]);
  expect(
    readFileSync(await file.path(), "utf8")
      .trim()
      .split(/\r?\n/),
  ).toContain("try-1,NaN");

  await page.getByRole("tab", { name: "Scatter" }).click();
  await expect(chart(page, "loss by rate")).toContainText(
    "3 of 5 runs left out: loss is NaN in 1, loss is Infinity in 1, no loss in 1",
  );
  await page.getByRole("tab", { name: "Boxes" }).click();
  await expect(page.getByText("3 of 5 runs left out")).toBeVisible();

  await page.goto(`/p/penguins/experiments/runs/${ids[0] ?? ""}`);
  await expect(page.getByRole("button", { name: /, show the whole value of prompt$/ })).toBeVisible();
  await axe(page);
  await page.getByRole("button", { name: /, show the whole value of prompt$/ }).click();
  await expect(page.getByLabel("prompt, whole").locator("pre")).toHaveText(prompt);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Copy prompt" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(prompt);
});

import type { APIRequestContext, Page } from "@playwright/test";
import { instance } from "./fixtures/instance.ts";
import { expect, test } from "./fixtures/test.ts";
import { post } from "./fixtures/mlflow.ts";

// The runs table over more runs than fit on a page, all made through the MLflow API as a training script would.

/** Fewer do for trying it out against a development server, which takes a while over each. */
const RUNS = Number(process.env["E2E_TABLE_RUNS"] ?? 2050);
const NAME = `sweep ${Date.now().toString(36)}`;
const PROJECT = "/p/penguins/experiments";
let number = "";

/** A run of the sweep: its score grows with its place, every seventh has none. */
async function makeRun(api: APIRequestContext, i: number, parent: string | null): Promise<string> {
  const { run } = await post<{ run: { info: { run_id: string } } }>(api, "runs/create", {
    experiment_id: number,
    run_name: `try-${i}`,
    start_time: 1_700_000_000_000 + i * 1000,
    tags: parent === null ? [] : [{ key: "mlflow.parentRunId", value: parent }],
  });
  const id = run.info.run_id;
  await post(api, "runs/log-batch", {
    run_id: id,
    metrics: i % 7 === 0 ? [] : [{ key: "score", value: i / RUNS, timestamp: 1, step: 0 }],
    params: [
      { key: "optimizer", value: i % 2 === 0 ? "adam" : "sgd" },
      { key: "depth", value: String(i % 12) },
    ],
  });
  return id;
}

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ playwright, token }) => {
  test.setTimeout(120_000);
  const api = await playwright.request.newContext({
    baseURL: instance().appUrl,
    extraHTTPHeaders: {
      authorization: `Bearer ${await token("alice", "penguins", ["tracking:read", "tracking:write"])}`,
    },
  });
  const made = await post<{ experiment_id: string }>(api, "experiments/create", { name: NAME });
  number = made.experiment_id;
  // Three that say everything, and others that only are: what the table must page through.
  const parent = await makeRun(api, 1, null);
  await Promise.all([makeRun(api, 2, parent), makeRun(api, 3, parent)]);
  for (let i = 4; i < 40; i += 12)
    await Promise.all(Array.from({ length: Math.min(12, 40 - i) }, (_, k) => makeRun(api, i + k, null)));
  for (let i = 40; i < RUNS; i += 30)
    await Promise.all(
      Array.from({ length: Math.min(30, RUNS - i) }, (_, k) =>
        post(api, "runs/create", {
          experiment_id: number,
          run_name: `try-${i + k}`,
          start_time: 1_700_000_000_000 + (i + k) * 1000,
          tags: [],
        }),
      ),
    );
  await api.dispose();
});

const VIEW = NAME.replace("sweep", "view");
const gridOf = (page: Page) => page.getByLabel(`Runs of ${NAME}`, { exact: true });
const open = async (page: Page, query = "") => {
  await page.goto(`${PROJECT}?experiment=${number}${query}`);
  await expect(gridOf(page)).toBeVisible();
};
const firstRow = (page: Page) => gridOf(page).locator('[role=row][aria-rowindex="2"]');

test("two thousand runs are one list: the scroll bar and the keyboard reach the last, the server orders them", async ({
  pageOf,
  axe,
}) => {
  const page = await pageOf("alice");
  await open(page);
  const grid = gridOf(page);
  await expect(page.getByText(`${(RUNS - 1).toLocaleString("en")} runs`)).toBeVisible();
  await expect(firstRow(page)).toContainText(`try-${RUNS - 1}`);
  await grid.focus();
  await page.keyboard.press("End");
  await expect(grid.locator(`[role=row][aria-rowindex="${RUNS}"]`)).toContainText("try-1");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await expect(page.getByText("1 run selected")).toBeVisible();
  await page.keyboard.press("Escape");

  await open(page, "&cols=name,started,metrics.score,params.depth");
  await grid.getByRole("columnheader", { name: "score" }).getByRole("button").click();
  await expect(firstRow(page)).toContainText("try-39");
  await grid.getByRole("columnheader", { name: "score" }).getByRole("button").click();
  await expect(firstRow(page)).toContainText("try-1");
  // 9 is less than 10: parameters that are numbers order as such.
  await grid.getByRole("columnheader", { name: "depth" }).getByRole("button").click();
  await grid.getByRole("columnheader", { name: "depth" }).getByRole("button").click();
  await expect(firstRow(page)).toContainText("try-35");
  await axe(page);

  // More than an address can list: the search is compared, in the order of the table.
  await page.getByRole("checkbox", { name: "Select all runs that match" }).click();
  await page.getByRole("button", { name: /^Compare/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Compare 1,?000 runs/);
  await expect(page).toHaveURL(/top=1000/);
  await expect(page.getByText("The first 100 of 1000 shown runs")).toBeVisible();
});

test("the search completes what is there, says where it is wrong, and takes plain words", async ({ pageOf, guard }) => {
  guard.allow(/400/);
  const page = await pageOf("alice");
  await open(page);
  const search = page.getByRole("combobox", { name: "Filter runs" });
  // The table answers a moment after the frame around it.
  await expect(async () => {
    await page.keyboard.press("/");
    await expect(search).toBeFocused({ timeout: 500 });
  }).toPass();
  await search.pressSequentially("opti");
  await page.getByRole("option", { name: /params\.optimizer/ }).click();
  await page.getByRole("option", { name: /^=/ }).click();
  await page.getByRole("option", { name: /adam/ }).click();
  await expect(search).toHaveValue("params.optimizer = 'adam' ");
  await search.press("Escape");
  await search.press("Enter");
  await expect(page.getByText("19 runs found")).toBeVisible();

  await search.fill("metrics.score > 'much'");
  await expect(page.getByRole("alert").filter({ hasText: "number" })).toBeVisible();
  await search.fill("params.depth = 4 OR");
  const caret = page.locator("[data-caret]");
  await expect(caret).toHaveAttribute("data-caret", "17");
  await search.fill("try 39");
  const found = Array.from({ length: RUNS }, (_, i) => `try-${i}`).filter((name) => name.includes("39"));
  await expect(firstRow(page)).toContainText(found.at(-1) ?? "");
  await expect(page.getByText(`${found.length} runs found`)).toBeVisible();
});

test("many experiments are searched by name, and at 900 pixels the chosen one keeps its acts", async ({
  pageOf,
  api,
}) => {
  const client = await api("alice", "penguins", ["tracking:read", "tracking:write"]);
  const made = await Promise.all(
    Array.from({ length: 16 }, (_, i) =>
      post<{ experiment_id: string }>(client, "experiments/create", { name: `${NAME} of many ${i}` }),
    ),
  );
  const page = await pageOf("alice");
  await open(page);
  const list = page.getByRole("navigation", { name: "Experiments" });
  await list.getByRole("searchbox", { name: "Search experiments" }).fill("OF MANY 13");
  await expect(list.getByRole("button", { name: new RegExp(`^${NAME} of many`) })).toHaveCount(1);
  await list.getByRole("searchbox").fill("no such name");
  await expect(list).toContainText("No experiment has this in its name.");
  await page.setViewportSize({ width: 900, height: 900 });
  await page.getByRole("button", { name: `Acts on ${NAME}`, exact: true }).click();
  await expect(page.getByRole("menuitem", { name: "Rename" })).toBeVisible();
  await Promise.all(made.map((each) => post(client, "experiments/delete", each)));
});

test("groups say n, least, mean and greatest, and open to their runs; nested runs open under their parent", async ({
  pageOf,
}) => {
  const page = await pageOf("alice");
  await open(page, "&group=params.optimizer&filter=params.optimizer+IS+NOT+NULL");
  const adam = gridOf(page).locator("[data-group=adam]");
  await expect(adam).toContainText("19 runs");
  await adam.click();
  await expect(gridOf(page).getByRole("row").filter({ hasText: "try-38" })).toBeVisible();
  await open(page, "&nest=1&sort=started");
  await expect(firstRow(page)).toContainText("2 nested");
  await gridOf(page).focus();
  await page.keyboard.press("ArrowRight");
  await expect(gridOf(page).locator('[role=row][aria-rowindex="3"]')).toContainText("try-2");
});

test("the acts of a row are reached by keyboard, and the arrows go on from where they were", async ({ pageOf }) => {
  const page = await pageOf("alice");
  await open(page, "&sort=name&cols=name,status~400,started~400,user~400,params.depth~400");
  const grid = gridOf(page);
  await grid.focus();
  await page.keyboard.press("ArrowDown");
  // By Tab the colour and the menu of the active row, not of two thousand.
  await expect(grid.locator("[data-run] button[tabindex='0']")).toHaveCount(2);
  await expect(grid.locator("[data-run][data-active] button[tabindex='0']")).toHaveCount(2);
  await page.keyboard.press("Shift+F10");
  await expect(page.getByRole("menuitem", { name: "Open", exact: true })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem", { name: "Copy run id" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem", { name: "Pin to the top" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(firstRow(page).getByLabel("Pinned")).toBeVisible();
  await expect(grid).toBeFocused();

  await expect(grid).toHaveAttribute("data-more", "");
  await page.keyboard.press("ArrowRight");
  await expect(grid).toHaveAttribute("data-scrolled", "");
  await page.keyboard.press("ArrowLeft");
  await expect(grid).not.toHaveAttribute("data-scrolled");
  // Left as it was found.
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+F10");
  await page.getByRole("menuitem", { name: "Unpin" }).click();
  await expect(firstRow(page).getByLabel("Pinned")).toHaveCount(0);
});

test("pins, hidden runs and a saved view come back", async ({ pageOf }) => {
  const page = await pageOf("alice");
  await open(page, "&sort=name");
  const act = async (run: string, name: string) => {
    await gridOf(page)
      .getByRole("row")
      .filter({ hasText: run })
      .first()
      .getByRole("button", { name: "Acts for this row" })
      .click();
    await page.getByRole("menuitem", { name }).click();
  };
  await act("try-10", "Pin to the top");
  await expect(firstRow(page).getByLabel("Pinned")).toBeVisible();
  // The page itself brings what is pinned: coming later it would push down what somebody reads already.
  expect(await (await page.request.get(page.url())).text()).toContain('aria-label="Pinned"');
  await open(page, "&filter=attributes.run_name+%3D+%27try-20%27");
  await expect(page.getByText("1 run found beside 1 pinned")).toBeVisible();
  await open(page, "&sort=name");
  const last = gridOf(page)
    .getByRole("row")
    .filter({ has: page.getByText("try-100", { exact: true }) });
  await act("try-100", "Hide");
  await expect(last).toHaveCount(0);
  await page.getByRole("button", { name: /\d+ hidden/ }).click();
  await expect(last).toHaveCount(1);
  // Nor is it counted in a group, until hidden runs are shown.
  await page.goto(
    `${PROJECT}?experiment=${number}&group=attributes.status&filter=attributes.run_name+%3D+%27try-100%27`,
  );
  await expect(page.getByText("No run matches the filter.")).toBeVisible();
  await page.getByRole("button", { name: /\d+ hidden/ }).click();
  await expect(gridOf(page).locator("[data-group]")).toHaveCount(1);
  await open(page, "&sort=name&hidden=1");

  await page.getByRole("button", { name: "Columns", exact: true }).click();
  await page.getByRole("button", { name: "Leave out Status" }).click();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save as a new view…" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(VIEW);
  await page.getByRole("checkbox", { name: /Share in the project/ }).click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByRole("button", { name: VIEW })).toBeVisible();
  const link = page.url();

  const other = await pageOf("bob");
  await other.goto(link);
  await expect(gridOf(other)).toBeVisible();
  await expect(gridOf(other).getByRole("columnheader", { name: "Status" })).toHaveCount(0);
  await expect(gridOf(other).getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "ascending");
  await expect(gridOf(other).getByLabel("Pinned")).toHaveCount(0);
  await other.goto(`${PROJECT}?experiment=${number}`);
  await other.getByRole("button", { name: "Views" }).click();
  await other.getByRole("menuitem", { name: new RegExp(VIEW) }).click();
  await expect(gridOf(other).getByRole("columnheader", { name: "Status" })).toHaveCount(0);
});

test("an experiment whose runs are all hidden says so, and not that it has none", async ({ pageOf, api }) => {
  const client = await api("alice", "penguins", ["tracking:read", "tracking:write"]);
  const { experiment_id } = await post<{ experiment_id: string }>(client, "experiments/create", {
    name: `${NAME} hidden`,
  });
  await post(client, "runs/create", { experiment_id, run_name: "alone", start_time: Date.now() });
  const page = await pageOf("alice");
  await page.goto(`${PROJECT}?experiment=${experiment_id}`);
  const grid = page.getByLabel(`Runs of ${NAME} hidden`, { exact: true });
  await grid.getByRole("button", { name: "Acts for this row" }).click();
  await page.getByRole("menuitem", { name: "Hide" }).click();
  await expect(page.getByText("All runs here are hidden, by you and for you alone.")).toBeVisible();
  // Those of other experiments count there.
  await expect(page.getByRole("button", { name: "1 hidden", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Show hidden runs" }).click();
  await expect(grid.getByLabel("Hidden")).toBeVisible();
  const entry = page.getByRole("navigation", { name: "Experiments" }).getByTitle(`${NAME} hidden`, { exact: true });
  await expect(entry).toContainText(/1$/);
  await grid.getByRole("button", { name: "Acts for this row" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page.getByRole("dialog")).toContainText("alone with metrics, parameters and files.");
  await page.getByRole("dialog").getByRole("button", { name: "Delete 1 run" }).click();
  // What stands beside the table follows it.
  await expect(entry).toContainText(/0$/);
  await post(client, "experiments/delete", { experiment_id });
});

test("deleting a parent says what is nested below it, takes that along when asked, and Undo brings all back", async ({
  api,
  pageOf,
}) => {
  const client = await api("alice", "penguins", ["tracking:read", "tracking:write"]);
  const made = await post<{ experiment_id: string }>(client, "experiments/create", { name: `${NAME} below` });
  const under = async (name: string, parent?: string) => {
    const { run } = await post<{ run: { info: { run_id: string } } }>(client, "runs/create", {
      experiment_id: made.experiment_id,
      run_name: name,
      tags: parent === undefined ? [] : [{ key: "mlflow.parentRunId", value: parent }],
    });
    return run.info.run_id;
  };
  const top = await under("top");
  const left = await under("left", top);
  await under("right", top);
  await under("deep", left);
  const page = await pageOf("alice");
  await page.goto(`${PROJECT}/runs/${top}`);
  const remove = async () => {
    await page.getByRole("button", { name: "Acts on this run" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
  };
  await remove();
  const dialog = page.getByRole("dialog", { name: "Delete 1 run?" });
  await expect(dialog.getByRole("button", { name: "Delete 1 run" })).toBeVisible();
  await dialog.getByLabel("Delete the 3 nested runs below it too").click();
  await dialog.getByRole("button", { name: "Delete 4 runs" }).click();
  await expect(page.getByText("4 runs deleted")).toBeVisible();
  const runs = page.getByLabel(`Runs of ${NAME} below`, { exact: true });
  await expect(runs.locator("[data-run]")).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(runs.locator("[data-run]")).toHaveCount(4);

  // Its parent gone for good, a run still says whose it was.
  await post(client, "runs/delete", { run_id: top });
  await page.goto(`${PROJECT}/runs/${top}`);
  await page.getByRole("button", { name: "Purge" }).click();
  const purge = page.getByRole("dialog", { name: "Purge for good" });
  await expect(purge).toContainText("3 runs nested below stay, and their parent is no longer known.");
  await purge.getByRole("textbox").fill("purge");
  await purge.getByRole("button", { name: "Purge 1 run" }).click();
  await expect(page).toHaveURL(new RegExp(`experiment=${made.experiment_id}&view=DELETED_ONLY`));
  await expect(async () => {
    await page.goto(`${PROJECT}/runs/${left}`);
    await expect(page.getByText("is not here any more")).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 20_000 });
});

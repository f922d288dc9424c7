import { expect } from "@playwright/test";
import { comparedRuns } from "./fixtures/compared-runs.ts";
import { post } from "./fixtures/mlflow.ts";
import { test } from "./fixtures/test.ts";

const BURST = 600;

test("news of hundreds of runs at once make a page ask again once a second at most", async ({ api, pageOf }) => {
  test.setTimeout(120_000);
  const page = await pageOf("alice");
  // In a project of its own: other journeys look for what is the newest in Penguins.
  const project = `news-${Date.now()}`;
  const made = await page.request.post("/api/v1/projects", { data: { slug: project, name: "News" } });
  expect(made.status()).toBe(201);
  const client = await api("alice", project, ["tracking:read", "tracking:write"]);
  const { experiment, runs } = await comparedRuns(client, "compared");
  await page.goto(`/p/${project}/experiments/compare?experiment=${experiment}&top=12&tab=images`);
  await expect(page.getByText("None of the shown runs logged a picture.")).toBeVisible();

  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes(`/runs/${runs[0]}/artifacts`)) asked += 1;
  });
  const from = Date.now();
  for (let sent = 0; sent < BURST; sent += 50)
    await Promise.all(
      Array.from({ length: 50 }, () => post(client, "runs/create", { experiment_id: experiment, start_time: from })),
    );
  await expect.poll(() => asked).toBeGreaterThan(0);
  expect(asked).toBeLessThanOrEqual(2 + (Date.now() - from) / 1000);
});

test("a tab says what it shows, also while its page is asked for again and while another loads", async ({
  api,
  pageOf,
}) => {
  const client = await api("alice", "penguins", ["tracking:read", "tracking:write"]);
  const experiment = await post<{ experiment_id: string }>(client, "experiments/create", { name: `t ${Date.now()}` });
  const { run } = await post<{ run: { info: { run_id: string } } }>(client, "runs/create", {
    experiment_id: experiment.experiment_id,
    run_name: "titled",
  });
  const id = run.info.run_id;
  const page = await pageOf("alice");
  await page.goto(`/p/penguins/experiments/runs/${id}`);
  await expect(page).toHaveTitle("titled · Penguins · Touchstone");
  const titles = await page.evaluateHandle(() => {
    const seen = [document.title];
    const look = () => {
      if (document.title !== seen.at(-1)) seen.push(document.title);
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    return seen;
  });
  for (const value of ["first", "second"]) {
    await post(client, "runs/set-tag", { run_id: id, key: "news", value });
    await expect(page.getByText(value, { exact: true }).first()).toBeVisible();
  }
  await page.getByRole("link", { name: "Models", exact: true }).click();
  await expect(page).toHaveTitle("Models · Penguins · Touchstone");
  await expect
    .poll(() => titles.jsonValue())
    .toEqual(["titled · Penguins · Touchstone", "Models · Penguins · Touchstone"]);
});

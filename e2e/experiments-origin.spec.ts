import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { APIRequestContext, APIResponse } from "@playwright/test";
import { git, withClone } from "./fixtures/git.ts";
import { expect, test } from "./fixtures/test.ts";

/** Work in the background: a pipeline, an evaluation. */
const WORK = { timeout: 90_000 };
const BASE = "/api/v1/projects/penguins";
const SCOPES = ["project:read", "data:read", "pipelines:read", "pipelines:run", "tracking:read", "tracking:write"];
const stamp = Date.now().toString(36);

async function read<T>(answer: APIResponse): Promise<T> {
  expect(answer.ok(), `${answer.url()}: ${answer.status()}`).toBe(true);
  return (await answer.json()) as T;
}

/** A finished run of the newest pipeline run that succeeded; makes one where there is none. */
async function trainedRun(client: APIRequestContext): Promise<string> {
  const newest = async () =>
    (
      await read<{ runs: { number: number; trigger: { kind: string } }[] }>(
        await client.get(`${BASE}/pipeline-runs?status=succeeded`),
      )
    ).runs.find((run) => run.trigger.kind !== "reproduction");
  if (!(await newest())) {
    await read(await client.post(`${BASE}/pipeline-runs`, { data: {} }));
    await expect.poll(newest, WORK).toBeTruthy();
  }
  const { number = 0 } = (await newest()) ?? {};
  const runs = await read<{ id: string; name: string; status: string }[]>(
    await client.get(`${BASE}/pipeline-runs/${number}/tracked-runs`),
  );
  const found = runs.find((run) => run.status === "FINISHED" && run.name === "penguins-quadratic");
  expect(found, `a finished candidate of pipeline run ${number}`).toBeTruthy();
  return found?.id ?? "";
}

/** Makes a run as any MLflow client does, with metrics and a file of predictions. */
async function outsideRun(client: APIRequestContext, name: string, experiment: string, auc: number): Promise<string> {
  const mlflow = async <T>(path: string, data: object): Promise<T> =>
    await read<T>(await client.post(`/api/2.0/mlflow/${path}`, { data }));
  const { run } = await mlflow<{ run: { info: { run_id: string } } }>("runs/create", {
    experiment_id: experiment,
    run_name: name,
    start_time: Date.now(),
    tags: [{ key: "mlflow.user", value: "ally" }],
  });
  const id = run.info.run_id;
  await mlflow("runs/log-batch", { run_id: id, metrics: [{ key: "auc", value: auc, timestamp: Date.now(), step: 0 }] });
  return id;
}

test("a run tells where it comes from, is made again and found equal, and is forked into the editor", async ({
  api,
  pageOf,
  axe,
  guard,
}) => {
  // A second request for the same version is refused.
  guard.allow(/409/);
  test.setTimeout(180_000);
  const client = await api("alice", "penguins", SCOPES);
  const run = await trainedRun(client);
  const page = await pageOf("alice");
  await page.goto(`/p/penguins/experiments/runs/${run}?tab=origin`);

  await test.step("the tab Origin shows code, data, seed, versions, machine and command", async () => {
    await expect(page.getByText("nothing: a step runs in a fresh checkout")).toBeVisible(WORK);
    await expect(page.getByText("seed = 2007")).toBeVisible();
    await expect(page.getByText(/^node src\/train\.ts .*--basis quadratic .*--seed 2007/)).toBeVisible();
    await expect(page.getByText(/1 core, at most 512 MiB/)).toBeVisible();
    await axe(page);
  });

  await test.step("a chosen run is registered already, and its promotion is requested with the choice for the reviewer to see", async () => {
    const scopes = ["registry:read", "governance:read", "governance:request"];
    const more = await api("alice", "penguins", [...SCOPES, ...scopes]);
    const { experiment } = await read<{ experiment: number }>(await client.get(`${BASE}/runs/${run}`));
    await read(
      await client.post(`${BASE}/selections`, {
        data: { metric: "cv_log_loss", direction: "minimize", experiment, runs: [run] },
      }),
    );
    const versions = await read<{ state: string; model: string; version: number }[]>(
      await more.get(`${BASE}/runs/${run}/versions`),
    );
    await page.reload();
    const chosen = page.locator("section", { has: page.getByRole("heading", { name: "Chosen" }) });
    const [version] = versions;
    if (version === undefined) await expect(chosen.getByRole("button", { name: "Register model" })).toBeVisible(WORK);
    else
      await expect(chosen.getByRole("link", { name: new RegExp(`^${version.model} ${version.version}`) })).toBeVisible(
        WORK,
      );
    if (version?.state !== "registered") return;
    await chosen.getByRole("button", { name: "Request promotion" }).click();
    const dialog = page.getByRole("dialog", { name: /Request promotion of/ });
    await expect(dialog.getByLabel("Why")).toHaveValue(/chosen by a recorded rule: least cv_log_loss/);
    await dialog.getByRole("button", { name: "Request promotion" }).click();
    await expect(page).toHaveURL(/\/reviews\/\d+$/);
    await expect(page.getByRole("heading", { name: "How its run was chosen" })).toBeVisible();
    await axe(page);
    const number = page.url().split("/").at(-1) ?? "";
    await page.goto(`/p/penguins/experiments/runs/${run}?tab=origin`);
    await chosen.getByRole("button", { name: "Request promotion" }).click();
    await dialog.getByRole("button", { name: "Request promotion" }).click();
    await expect(dialog.getByRole("alert")).toContainText(`Request ${number} for this version is still open.`);
    await dialog.getByRole("link", { name: `Open request ${number}` }).click();
    await expect(page).toHaveURL(new RegExp(`/reviews/${number}$`));
    await read(await more.post(`${BASE}/reviews/${number}/withdrawal`, { data: {} }));
    await page.goto(`/p/penguins/experiments/runs/${run}?tab=origin`);
  });

  await test.step("Reproduce runs the pipeline again and says that it is equal", async () => {
    await page.getByRole("button", { name: "Reproduce", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Reproduce the run" });
    await dialog.getByLabel("Compare whole histories, not only the last values").click();
    await dialog.getByRole("button", { name: "Run it again" }).click();
    const newest = page.getByRole("list", { name: "Reproductions" }).getByRole("listitem").first();
    await expect(newest).toContainText("running");
    await expect(newest).toContainText(/Equal in \d+ metrics/, WORK);
    await newest.getByRole("button", { name: "Details" }).click();
    const compared = page.getByRole("grid", { name: "Compared" });
    // What is not simply equal stands first: a file that names its run, and nothing else.
    await expect(compared.getByRole("row").filter({ hasText: "touchstone.json" }).first()).toContainText("explained");
    await axe(page);
  });

  await test.step("Fork opens the editor on a new branch with the run's dataset version pinned", async () => {
    await page.getByRole("button", { name: "Fork", exact: true }).click();
    await page.getByRole("dialog", { name: "Fork the run" }).getByRole("button", { name: "Fork and open" }).click();
    await expect(page).toHaveURL(/\/code\?branch=fork%2Fpenguins-quadratic/, WORK);
    await expect(page.getByText(/dataset:penguins@\d+/).first()).toBeVisible(WORK);
  });
});

test("predictions are evaluated by themselves, and a rule chooses among runs", async ({ api, pageOf, axe }) => {
  test.setTimeout(90_000);
  const client = await api("alice", "penguins", SCOPES);
  const { experiment_id: experiment } = await read<{ experiment_id: string }>(
    await client.post("/api/2.0/mlflow/experiments/create", { data: { name: `origin ${stamp}` } }),
  );
  const best = await outsideRun(client, "best", experiment, 0.9);
  const other = await outsideRun(client, "other", experiment, 0.7);
  const rows = Array.from({ length: 200 }, (_, i) => {
    const chance = ((i * 37) % 200) / 200;
    const label = (i * 61) % 200 < 100 * chance + 50 ? 1 : 0;
    return `${label},${chance >= 0.5 ? 1 : 0},${chance},${i % 2 ? "Dream" : "Biscoe"}`;
  });
  const upload = await client.put(
    `/api/2.0/mlflow-artifacts/artifacts/${experiment}/${best}/artifacts/touchstone/predictions.csv`,
    {
      headers: { "content-type": "application/octet-stream" },
      data: `label,prediction,probability,island\n${rows.join("\n")}\n`,
    },
  );
  expect(upload.ok()).toBe(true);

  const page = await pageOf("alice");
  await test.step("the tab Evaluations shows scores, segments, matrix and curves", async () => {
    await page.goto(`/p/penguins/experiments/runs/${best}?tab=evaluations`);
    await expect(page.getByRole("img", { name: /^ROC/ })).toBeVisible(WORK);
    await expect(page.getByRole("region", { name: "Confusion matrix" })).toBeVisible();
    await expect(
      page.getByRole("grid", { name: "Segments" }).getByRole("row").filter({ hasText: "Dream" }),
    ).toContainText("100");
    const [evaluation] = await read<{ result: { n: number; metrics: { name: string; value: number }[] } }[]>(
      await client.get(`${BASE}/evaluations?runs=${best}`),
    );
    expect(evaluation?.result.n).toBe(200);
    const right = rows.filter((row) => row.split(",")[0] === row.split(",")[1]).length / rows.length;
    expect(evaluation?.result.metrics.find((metric) => metric.name === "accuracy")?.value).toBeCloseTo(right, 12);
    await axe(page);
  });

  await test.step("compared, the scores are a table to export, and the curves stand against chance", async () => {
    await page.goto(`/p/penguins/experiments/compare?runs=${best},${other}&tab=evaluations`);
    await expect(page.getByRole("columnheader", { name: "Accuracy" })).toBeVisible(WORK);
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page
        .locator("section", { has: page.getByRole("heading", { name: "Scores" }) })
        .getByRole("button", { name: "Export CSV" })
        .click(),
    ]);
    expect(readFileSync(await file.path(), "utf8")).toMatch(/^Run,n,Accuracy,[^\n]*\r?\nbest,200,0\.\d+,/);
    await axe(page);
    await page.goto(`/p/penguins/experiments/runs/${best}?tab=evaluations`);
  });

  await test.step("an outside run says what is missing to make it again", async () => {
    await page.getByRole("tab", { name: "Origin" }).click();
    const missing = page.getByRole("region", { name: "What is missing to make it again" });
    await expect(missing).toContainText("The command");
    await expect(missing).toContainText("The commit");
    await expect(page.getByRole("button", { name: "Reproduce" })).toHaveCount(0);
  });

  await test.step("a choice by a rule is recorded and stands on the page of the chosen run", async () => {
    const chosen = await read<{ chosen: { runId: string } | null; total: number }>(
      await client.post(`${BASE}/selections`, { data: { metric: "auc", experiment: Number(experiment) } }),
    );
    expect([chosen.chosen?.runId, chosen.total]).toEqual([best, 2]);
    await page.reload();
    const choices = page.getByRole("list", { name: "Choices" });
    await expect(choices).toContainText("by greatest auc, of 2");
    await choices.getByRole("button", { name: "Details" }).click();
    const candidates = page.getByRole("dialog").getByRole("grid", { name: "Candidates" });
    await expect(candidates.getByRole("row").filter({ hasText: "other" })).toContainText("beaten");
    expect(other).not.toBe(best);
  });
});

test("what changed in the code since a run is read line by line, file by file", async ({ api, token, pageOf, axe }) => {
  const branch = `since-${stamp}`;
  const access = await token("alice", "penguins", ["code:read", "code:write"]);
  const commit = await withClone("penguins", access, async (dir) => {
    const before = await git(["rev-parse", "HEAD"], dir);
    await git(["checkout", "--quiet", "-b", branch], dir);
    writeFileSync(join(dir, "since.py"), "print('new')\n");
    writeFileSync(join(dir, "README.md"), `${readFileSync(join(dir, "README.md"), "utf8")}\nOne line more.\n`);
    await git(["add", "."], dir);
    await git(["commit", "--quiet", "-m", "Change two files"], dir);
    await git(["push", "--quiet", "origin", branch], dir);
    return before;
  });
  const client = await api("alice", "penguins", SCOPES);
  const { run } = await read<{ run: { info: { run_id: string } } }>(
    await client.post("/api/2.0/mlflow/runs/create", {
      data: {
        experiment_id: "0",
        run_name: "before the change",
        start_time: Date.now(),
        tags: [
          { key: "mlflow.source.git.commit", value: commit },
          { key: "mlflow.source.git.branch", value: branch },
        ],
      },
    }),
  );
  const page = await pageOf("alice");
  await page.goto(`/p/penguins/experiments/runs/${run.info.run_id}?tab=origin`);
  await expect(page.getByText(`${branch} is 1 commit further; see what changed below.`)).toBeVisible(WORK);
  const files = page.getByRole("list", { name: "Files that differ" });
  await expect(files.getByRole("button")).toHaveText([/README\.md/, /since\.py/]);
  const shown = page.getByRole("region", { name: "Difference of README.md" });
  await expect(shown.locator(".monaco-diff-editor .insert-sign").first()).toBeVisible(WORK);
  await expect(shown).toContainText("One line more.");
  await page.getByRole("switch", { name: "One column" }).click();
  await expect(page).toHaveURL(/diff=unified/);
  await files.getByRole("button", { name: /since\.py/ }).click();
  await expect(page.getByRole("region", { name: "Difference of since.py" })).toContainText("print('new')");
  await axe(page, { exclude: [".monaco-editor", ".monaco-diff-editor"] });
});

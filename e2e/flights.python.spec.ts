import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "./fixtures/test.ts";

// Flight delays with what a data scientist really has: Python, packages of PyPI that the platform installs, and the mlflow package as it comes.

const PROJECT = "/p/flight-delays";
const MINUTE = 60_000;

/** Why this cannot run here, or null. Asks as pip will: through the same index, proxy and certificates. */
async function whyNot(): Promise<string | null> {
  const run = promisify(execFile);
  const python = process.env["PYTHON"] ?? "python3";
  const isThere = await run(python, ["-c", "import venv, sys; assert sys.version_info >= (3, 10)"]).catch(() => null);
  if (!isThere) return `${python} (3.10 or newer, with venv) is not installed`;
  const isReachable = await run(python, ["-m", "pip", "index", "versions", "mlflow"], { timeout: MINUTE }).catch(
    () => null,
  );
  return isReachable ? null : "PyPI cannot be reached";
}

test("Flight delays: real Python, the real mlflow package, and a promotion that is ready to be decided", async ({
  pageOf,
}) => {
  const reason = await whyNot();
  if (reason) console.log(`\n*** SKIPPED: ${reason}, so Flight delays is not driven with real Python. ***\n`);
  test.skip(reason !== null, reason ?? "");

  const alice = await pageOf("alice");
  await test.step("the pipeline runs in an environment that the platform builds in view", async () => {
    await alice.goto(`${PROJECT}/pipelines`);
    await alice.getByRole("button", { name: "Run pipeline" }).click();
    await alice.getByRole("dialog", { name: "Run a pipeline" }).getByRole("button", { name: "Start the run" }).click();
    await expect(alice).toHaveURL(/\/pipelines\/runs\/\d+/);
    const main = alice.getByRole("main");
    await expect(
      main
        .getByRole("heading", { name: /^Python 3\.\d+(\.\d+)? environment$/ })
        .or(main.getByText("1 of 6 steps"))
        .first(),
    ).toBeVisible({ timeout: 2 * MINUTE });
    await expect(main.getByText("6 of 6 steps")).toBeVisible({ timeout: 12 * MINUTE });
    for (const step of ["ingest", "validate", "logreg", "gbm", "evaluate", "register"])
      await expect(main.getByRole("button", { name: new RegExp(`^${step}`) })).toContainText("Succeeded");
  });

  await test.step("both candidates are tracked by mlflow, with figures and a model that it logged itself", async () => {
    await alice.goto(`${PROJECT}/experiments`);
    const grid = alice.getByRole("grid", { name: "Runs" });
    for (const candidate of ["logreg", "gbm"])
      await expect(grid.getByRole("row").filter({ hasText: candidate }).first()).toContainText("flights v1");
    await grid.getByRole("link", { name: "gbm" }).first().click();
    await expect(alice.getByRole("heading", { level: 1, name: "gbm" })).toBeVisible();
    await alice.getByRole("tab", { name: /Artifacts|Files/ }).click();
    await expect(alice.getByText("roc.png").first()).toBeVisible();
  });

  await test.step("the version states its signature, and its promotion passes the checks", async () => {
    await alice.goto(`${PROJECT}/models/flight-delays`);
    await alice
      .getByRole("grid", { name: "Versions" })
      .getByRole("link", { name: /^version \d+$/ })
      .first()
      .click();
    await alice.getByRole("tab", { name: "Signature" }).click();
    for (const feature of ["carrier", "dep_hour", "visib"])
      await expect(alice.getByRole("cell", { name: feature, exact: true })).toBeVisible();
    await alice.getByRole("button", { name: "Request promotion" }).click();
    const dialog = alice.getByRole("dialog", { name: /^Request promotion of flight-delays/ });
    await dialog.getByLabel("Why").fill("The first model of the airport.");
    await dialog.getByRole("button", { name: "Request promotion" }).click();
    await expect(alice).toHaveURL(/\/reviews\/\d+$/);
    await expect(alice.getByText("All 5 checks passed.")).toBeVisible({ timeout: 3 * MINUTE });
    await expect(alice.getByText("0 of 1 approval given.")).toBeVisible();
  });
});

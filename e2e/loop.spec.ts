import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expectSaved, openFile, statusBar, typeAtEnd } from "./fixtures/editor.ts";
import { instance, touchstone } from "./fixtures/instance.ts";
import { askAbout, bird, birdsOf } from "./fixtures/penguins.ts";
import { fact, goTo, numberIn } from "./fixtures/reading.ts";
import { expect, test } from "./fixtures/test.ts";

// The loop of the product on Penguins, as four people see it. Each test goes on where the one before it ended, so they need a fresh instance, in which
// nobody has promoted a version of penguins yet.
test.describe.configure({ mode: "serial" });

/** Work in the background: a pipeline, checks, a monitor. */
const WORK = { timeout: 60_000 };
const PROJECT = "/p/penguins";
const FILE = readFileSync("examples/penguins/data/penguins-2007-2008.csv");
const ROWS = FILE.toString().trim().split("\n").length - 1;
const SEASON = readFileSync("examples/penguins/traffic/penguins-2009.csv", "utf8").trim().split("\n").length - 1;
const FEATURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "island"];
const stamp = Date.now().toString(36);
/** What the people carry from page to page in their heads. */
const known = { commit: "", run: 0, version: 0, request: 0, survey: 0, retrained: 0 };

test("Alice looks at the data: where it comes from, its shape, its rows", async ({ pageOf }) => {
  const alice = await pageOf("alice");
  await alice.goto("/");
  await alice.getByRole("main").getByRole("link", { name: "Penguins", exact: true }).first().click();
  await expect(alice.getByRole("heading", { level: 1, name: "Penguins" })).toBeVisible();
  await goTo(alice, "Data");
  await alice.getByRole("grid", { name: "Datasets" }).getByRole("link", { name: "penguins" }).click();

  await expect(alice.getByRole("heading", { level: 1, name: "penguins" })).toBeVisible();
  await expect(fact(alice, "Rows")).toHaveText(ROWS.toLocaleString("en-GB"));
  await expect(fact(alice, "SHA-256")).toContainText(createHash("sha256").update(FILE).digest("hex").slice(0, 8));
  await expect(fact(alice, "Source")).toContainText("palmerpenguins");
  await expect(fact(alice, "Licence")).toContainText("CC0-1.0");
  // The profile is computed in the background and appears by itself.
  await expect(alice.getByRole("img", { name: "Histogram of flipper_length_mm" })).toBeVisible(WORK);
  await expect(alice.getByText("Torgersen", { exact: true })).toBeVisible();

  await alice.getByRole("tab", { name: "Preview" }).click();
  await expect(alice.getByText(`The first 100 of ${ROWS} rows.`)).toBeVisible();
  await expect(alice.getByRole("region", { name: "Preview" }).getByRole("row")).toHaveCount(101);

  await alice.getByRole("tab", { name: /Expectations/ }).click();
  await expect(alice.getByText(/^All \d+ expectations hold\.$/)).toBeVisible();
});

test("Alice edits the pipeline in the workbench: it is saved as she types, shown as a change, committed", async ({
  pageOf,
}) => {
  const alice = await pageOf("alice");
  await alice.goto(`${PROJECT}/code`);
  await openFile(alice, "pipeline.yaml");
  const line = `# Tried before the season of 2009, ${stamp}.`;
  await typeAtEnd(alice, `\n${line}`);
  await expectSaved(alice);

  const views = alice.getByRole("navigation", { name: "Workbench views" });
  await views.getByRole("button", { name: "Changes" }).click();
  const changed = alice.getByRole("list", { name: "Changed files" }).getByRole("listitem");
  await expect(changed).toHaveCount(1);
  await expect(changed).toContainText("changed");
  await changed.getByRole("button", { name: "pipeline.yaml", exact: true }).click();
  await expect(alice.getByTestId("diff")).toContainText(line);

  const subject = `Note what this pipeline is for ${stamp}`;
  await alice.getByRole("textbox", { name: "Message" }).fill(subject);
  await alice.getByRole("button", { name: "Commit 1 file to main" }).click();
  const committed = alice.getByText(/^Committed [0-9a-f]{8} to main$/);
  known.commit = /[0-9a-f]{8}/.exec((await committed.textContent()) ?? "")?.[0] ?? "";
  await expect(alice.getByText("Nothing differs from the last commit.")).toBeVisible();

  await views.getByRole("button", { name: "History" }).click();
  const newest = alice.getByRole("list", { name: "Commits" }).getByRole("listitem").first();
  await expect(newest).toContainText(subject);
  await expect(newest).toContainText(known.commit);
  await expect(statusBar(alice)).toContainText(known.commit);
});

test("Alice runs the pipeline from the workbench and follows it to its end without reloading", async ({ pageOf }) => {
  test.setTimeout(120_000);
  const alice = await pageOf("alice");
  await alice.goto(`${PROJECT}/code`);
  await alice.getByRole("link", { name: "Run pipeline" }).click();
  const dialog = alice.getByRole("dialog", { name: "Run a pipeline" });
  await expect(dialog.getByLabel("Branch or commit")).toHaveValue("main");
  await dialog.getByRole("button", { name: "Start the run" }).click();
  await expect(alice).toHaveURL(/\/pipelines\/runs\/\d+/);
  known.run = numberIn(alice);

  const steps = alice.getByRole("group", { name: `Steps of run ${known.run}` });
  await expect(steps.getByRole("button", { name: /^validate/ })).toContainText(/Running|Succeeded/, WORK);
  await expect(alice.getByRole("main").getByText("6 of 6 steps")).toBeVisible(WORK);
  for (const step of ["ingest", "validate", "linear", "quadratic", "evaluate", "register"])
    await expect(steps.getByRole("button", { name: new RegExp(`^${step}`) })).toContainText("Succeeded");
  await expect(alice.locator("code", { hasText: known.commit }).first()).toBeVisible();

  await steps.getByRole("button", { name: /^quadratic/ }).click();
  await expect(alice.getByRole("log", { name: "Log" })).toContainText('quadratic: {"cv_accuracy"');
  await steps.getByRole("button", { name: /^evaluate/ }).click();
  await expect(alice.getByText("Gate passed")).toBeVisible();
  await steps.getByRole("button", { name: /^register/ }).click();
  await expect(alice.getByRole("link", { name: /^penguins version \d+$/ }).first()).toBeVisible();
});

test("Alice compares the two candidates of the run", async ({ pageOf }) => {
  const alice = await pageOf("alice");
  await alice.goto(`${PROJECT}/experiments`);
  const grid = alice.getByRole("grid", { name: "Runs" });
  for (const candidate of ["penguins-linear", "penguins-quadratic"]) {
    const row = grid.getByRole("row").filter({ hasText: candidate }).first();
    await expect(row).toContainText("penguins v1");
    await row.getByRole("checkbox", { name: "Select row" }).click();
  }
  await alice.getByRole("button", { name: "Compare 2" }).click();
  await expect(alice.getByRole("heading", { level: 1, name: "Compare 2 runs" })).toBeVisible();
  const differences = alice.getByRole("region", { name: "Differences" });
  const basis = differences.getByRole("row", { name: /^basis/ });
  await expect(basis).toContainText("linear");
  await expect(basis).toContainText("quadratic");
  await expect(differences.getByRole("row", { name: /^cv_log_loss/ })).toBeVisible();
  await expect(differences.getByRole("row", { name: /^seed/ })).toBeHidden(); // both had the same

  await alice.getByRole("tab", { name: /^Metrics/ }).click();
  await expect(alice.getByRole("heading", { name: "train_loss" })).toBeVisible();
});

test("Alice reads the registered version, may not make it champion herself, and requests its promotion", async ({
  pageOf,
  guard,
}) => {
  test.setTimeout(120_000);
  guard.allow(/Failed to load resource.* 403/);
  const alice = await pageOf("alice");
  await alice.goto(`${PROJECT}/pipelines/runs/${known.run}?step=register`);
  await alice
    .getByRole("link", { name: /^penguins version \d+$/ })
    .first()
    .click();
  await expect(alice.getByRole("heading", { level: 1, name: /^penguins version \d+$/ })).toBeVisible();
  known.version = numberIn(alice);

  await expect(fact(alice, "Commit")).toContainText(known.commit);
  await expect(fact(alice, "Data")).toHaveText("penguins version 1");
  await expect(fact(alice, "Pipeline run")).toContainText(`#${known.run}`);
  await expect(alice.getByText("No endpoint serves this version.")).toBeVisible();
  await alice.getByRole("tab", { name: "Signature" }).click();
  for (const feature of FEATURES) await expect(alice.getByRole("cell", { name: feature, exact: true })).toBeVisible();
  await expect(alice.getByText("Adelie, Chinstrap, Gentoo")).toBeVisible();

  await alice.getByRole("button", { name: "Aliases" }).click();
  const aliases = alice.getByRole("dialog", { name: /^Aliases of version/ });
  await aliases.getByLabel("Alias").fill("champion");
  await aliases.getByRole("button", { name: "Set alias" }).click();
  await expect(aliases.getByRole("alert")).toContainText(/request (a|its) promotion/i);
  await aliases.getByRole("button", { name: "Close" }).click();

  await alice.getByRole("button", { name: "Request promotion" }).click();
  const dialog = alice.getByRole("dialog", { name: /^Request promotion of penguins/ });
  await dialog.getByLabel("Why").fill("The first model of the colony.");
  await dialog.getByRole("button", { name: "Request promotion" }).click();
  await expect(alice).toHaveURL(/\/reviews\/\d+$/);
  known.request = numberIn(alice);

  const checks = alice.locator("details");
  await expect(checks).toHaveCount(4);
  for (const check of ["data", "primary", "signature", "latency"])
    await expect(checks.filter({ hasText: check }).first()).toContainText("Passed", WORK);
  await expect(alice.getByText("All 4 checks passed.")).toBeVisible();
  await expect(alice.getByText("0 of 1 approval given.")).toBeVisible();
  await expect(alice.getByText("Only a reviewer of this project decides on promotions.")).toBeVisible();
  await expect(alice.getByRole("button", { name: "Approve" })).toBeHidden();
});

test("Dave, the administrator, may not decide either, nor by a request of his own making", async ({ pageOf }) => {
  const dave = await pageOf("dave");
  await dave.goto(`${PROJECT}/reviews/${known.request}`);
  await expect(dave.getByText("Only a reviewer of this project decides on promotions.")).toBeVisible();
  await expect(dave.getByRole("button", { name: "Approve" })).toBeHidden();
  const path = `/api/v1/projects/penguins/reviews/${known.request}`;
  const { digest } = await (await dave.request.get(path)).json();
  const answer = await dave.request.post(`${path}/decision`, { data: { vote: "approve", comment: "", digest } });
  expect(answer.status()).toBe(403);
});

test("Bob finds the request in his inbox, reads the evidence, comments and approves", async ({ pageOf }) => {
  const bob = await pageOf("bob");
  await bob.goto("/");
  await bob
    .getByRole("navigation", { name: "Main", exact: true })
    .getByRole("link", { name: /^Inbox/ })
    .click();
  const waiting = bob.getByRole("grid", { name: "Inbox" }).getByRole("row").filter({ hasText: "to decide" });
  await waiting
    .getByText(new RegExp(`penguins version ${known.version}`))
    .first()
    .click();
  await expect(bob).toHaveURL(new RegExp(`/reviews/${known.request}$`));
  await expect(bob.getByText("The first model of the colony.")).toBeVisible();
  await expect(bob.getByRole("heading", { name: "What is not known" })).toBeVisible();
  await expect(bob.getByRole("columnheader", { name: "No champion yet" })).toBeVisible();

  const conversation = bob.locator("section", { has: bob.getByRole("heading", { name: "Decisions and comments" }) });
  await conversation.getByRole("textbox", { name: "Comment" }).fill("Is the hold-out untouched by training?");
  await conversation.getByRole("button", { name: "Comment" }).click();
  await expect(conversation.getByText("Is the hold-out untouched by training?")).toBeVisible();

  await bob.getByRole("button", { name: "Approve" }).click();
  await expect(bob.getByText("It is champion now")).toBeVisible();
  await expect(conversation.getByText("Approved", { exact: true })).toBeVisible();
  await expect(bob.getByRole("button", { name: "Approve" })).toBeHidden();
});

test("the endpoint serves the champion to a scoped token, and names what is wrong with a request", async ({
  request,
  token,
}) => {
  const url = `${instance().servingUrl}/v2/models/penguins`;
  const headers = { authorization: `Bearer ${await token("alice", "penguins", ["serving:predict"])}` };
  await expect(async () => {
    const metadata = await request.get(url, { headers });
    expect(metadata.status()).toBe(200);
    expect(await metadata.json()).toMatchObject({ name: "penguins", versions: [String(known.version)] });
  }).toPass(WORK);

  const answer = await request.post(`${url}/infer`, { headers, data: askAbout([bird()]) });
  expect(answer.status()).toBe(200);
  const body = (await answer.json()) as {
    model_version: string;
    parameters: { prediction_ids: string[] };
    outputs: { name: string; data: unknown[] }[];
  };
  expect(body.model_version).toBe(String(known.version));
  expect(body.parameters.prediction_ids).toHaveLength(1);
  const output = (name: string) => body.outputs.find((each) => each.name === name)?.data;
  expect(output("label")).toEqual(["Gentoo"]);
  const probabilities = output("probabilities") as number[];
  expect(probabilities).toHaveLength(3);
  expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);

  const wrong = await request.post(`${url}/infer`, { headers, data: askAbout([bird({ body_mass_g: "heavy" })]) });
  expect(wrong.status()).toBe(400);
  expect((await wrong.json()).error).toMatch(/inputs\[3\]\.data/);
  expect((await request.post(`${url}/infer`, { data: askAbout([bird()]) })).status()).toBe(401);
  const reader = { authorization: `Bearer ${await token("alice", "penguins", ["project:read"])}` };
  expect((await request.post(`${url}/infer`, { headers: reader, data: askAbout([bird()]) })).status()).toBe(403);
  const foreign = { authorization: `Bearer ${await token("alice", "flight-delays", ["serving:predict"])}` };
  expect((await request.post(`${url}/infer`, { headers: foreign, data: askAbout([bird()]) })).status()).toBe(404);
});

test("the season of 2009 is replayed with its outcomes, and monitoring says how it went", async ({ pageOf }) => {
  test.setTimeout(180_000);
  const said = await touchstone("demo", "traffic", "--project", "penguins");
  expect(said).toContain(`${SEASON} predictions and ${SEASON} outcomes`);

  const alice = await pageOf("alice");
  await alice.goto(`${PROJECT}/monitoring`);
  await alice.getByRole("grid", { name: "Monitors" }).getByRole("link", { name: "penguins" }).click();
  await expect(alice.getByRole("heading", { level: 1, name: "penguins" })).toBeVisible();
  const drift = alice.getByRole("region", { name: "Drift by feature and window" });
  for (const feature of FEATURES) {
    const cell = drift.getByRole("button", { name: new RegExp(`^${feature}, November 2009: .*PSI \\d`) });
    await expect(cell).toBeVisible(WORK);
  }
  await alice.getByRole("combobox", { name: "Window" }).selectOption({ label: "November 2009" });
  const main = alice.getByRole("main");
  await expect(main.getByRole("heading", { name: "Accuracy" })).toBeVisible();
  await expect(main.getByText("100.0%").first()).toBeVisible(); // of the outcomes are known
  await expect(main).toContainText(/Accuracy ?(1|0\.9\d*)/);
  await expect(main).toContainText("Compared with penguins version 1");
  // A season like those before it: what differs is chance, and nobody is woken.
  await expect(main.getByText("Nothing to report")).toBeVisible();
});

test("a survey of one island alone drifts: an alert opens, and Alice hears of it", async ({
  pageOf,
  request,
  token,
}) => {
  test.setTimeout(120_000);
  const birds = birdsOf("Torgersen");
  const url = `${instance().servingUrl}/v2/models/penguins`;
  const scopes = ["serving:predict", "serving:outcomes"];
  const headers = { authorization: `Bearer ${await token("alice", "penguins", scopes)}` };
  const answer = await request.post(`${url}/infer`, { headers, data: askAbout(birds, "2010-01-15T12:00:00Z") });
  expect(answer.status()).toBe(200);
  const { parameters } = (await answer.json()) as { parameters: { prediction_ids: string[] } };
  const outcomes = parameters.prediction_ids.map((id, i) => ({ id, label: birds[i]?.species }));
  const told = await request.post(`${url}/outcomes`, { headers, data: { outcomes } });
  expect(await told.json()).toMatchObject({ accepted: birds.length, unknown: [] });
  known.survey = birds.length;

  const alice = await pageOf("alice");
  await alice.goto(`${PROJECT}/monitoring/penguins`);
  const main = alice.getByRole("main");
  await expect(main.getByText("Alerting", { exact: true })).toBeVisible(WORK);
  await alice.getByRole("combobox", { name: "Window" }).selectOption({ label: "January 2010" });
  const drift = alice.getByRole("region", { name: "Drift by feature and window" });
  await expect(drift.getByRole("button", { name: /^island, January 2010: drifted, PSI \d/ })).toBeVisible();
  await expect(main.getByRole("heading", { name: /open alerts?$/ })).toBeVisible();

  await alice.goto("/inbox");
  const inbox = alice.getByRole("grid", { name: "Inbox" }).getByRole("row").filter({ hasText: "alert" });
  await inbox.getByText(/drift/i).first().click();
  await expect(alice).toHaveURL(/\/monitoring\/alerts\/\d+$/);
  await expect(alice.getByRole("heading", { name: "What happened" })).toBeVisible();
  await expect(alice.getByRole("link", { name: "January 2010" })).toBeVisible();
});

test("the loop closes: captured traffic becomes version 2 of the data, a new version of the model, and an open request", async ({
  pageOf,
}) => {
  test.setTimeout(300_000);
  const alice = await pageOf("alice");
  await alice.goto(`${PROJECT}/monitoring/penguins`);
  // Nobody presses anything: this monitor retrains by itself once the traffic rests.
  const chain = alice.getByRole("listitem").filter({ hasText: "Retraining by Touchstone monitoring" });
  await expect(chain.getByRole("link", { name: /^data penguins version 2$/ }).first()).toBeVisible({
    timeout: 120_000,
  });
  await expect(chain.getByRole("link", { name: /^run \d+$/ }).first()).toBeVisible(WORK);
  const request = chain.getByRole("link", { name: /^request \d+$/ }).first();
  await expect(request).toBeVisible({ timeout: 120_000 });
  await request.click();
  await expect(alice.getByRole("heading", { level: 1, name: /^Make penguins version \d+ champion$/ })).toBeVisible();
  known.retrained = numberIn(alice);
  expect(known.retrained).toBeGreaterThan(known.request);
  await expect(fact(alice, "Started by")).toHaveText("retraining after an alert");
  await expect(fact(alice, "Trained on")).toHaveText("penguins version 2");
  await expect(alice.getByText("All 4 checks passed.")).toBeVisible(WORK);

  await alice.goto(`${PROJECT}/data/penguins?version=2`);
  await expect(fact(alice, "Rows")).toHaveText(String(ROWS + SEASON + known.survey));
  await expect(fact(alice, "Origin")).toContainText("traffic of penguins with outcomes");
});

test("Carol reads in plain words what is live and by whose approval, and can change nothing", async ({ pageOf }) => {
  const carol = await pageOf("carol");
  await carol.goto(PROJECT);
  const main = carol.getByRole("main");
  await expect(main).toContainText(`Version ${known.version} of penguins has answered since`);
  await expect(main).toContainText("Bob Keller approved it");
  await expect(main).toContainText(new RegExp(`It was right for [\\d.]+% of ${SEASON + known.survey} `));

  const navigation = carol.getByRole("navigation", { name: "Main", exact: true });
  for (const section of ["Code", "Pipelines", "Experiments"])
    await expect(navigation.getByRole("link", { name: section, exact: true })).toBeHidden();
  const ACTS =
    /^(Upload|Run|New|Create|Request|Approve|Reject|Ask for changes|Comment|Acknowledge|Resolve|Retrain|Stop|Resume|Pause|Aliases|Edit|Delete|Add|Save|Compute now|Withdraw)\b/;
  for (const path of [
    "",
    "/data/penguins",
    "/models/penguins",
    `/models/penguins/${known.version}`,
    `/reviews/${known.retrained}`,
    "/monitoring/penguins",
    "/endpoints/penguins",
  ]) {
    await carol.goto(`${PROJECT}${path}`);
    await expect(carol.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(main.getByRole("button", { name: ACTS }), `acts on ${path}`).toHaveCount(0);
  }
});

test("the audit trail tells every act of the loop: who, when, what", async ({ pageOf }) => {
  const dave = await pageOf("dave");
  await dave.goto("/audit?project=penguins");
  const events = dave.getByRole("grid", { name: "Audit events" });
  const search = dave.getByRole("searchbox", { name: "Search what happened" });
  for (const [who, what] of [
    ["Alice Martin", `committed to main: Note what this pipeline is for ${stamp}`],
    ["Alice Martin", `started run ${known.run} of the pipeline train-penguins`],
    ["Alice Martin", `requested to make penguins version ${known.version} champion`],
    ["Bob Keller", `commented on request ${known.request}`],
    ["Bob Keller", "approved the promotion of"],
    ["Bob Keller", `penguins version ${known.version} is champion`],
    ["Touchstone monitoring", "started retraining for alert"],
  ] as const) {
    await search.fill(what);
    const row = events.getByRole("row").filter({ hasText: what }).first();
    await expect(row).toContainText(who);
    await expect(row).toContainText(/second|minute|now|ago/);
  }
  await events.getByRole("row").filter({ hasText: "started retraining" }).first().click();
  await expect(dave.getByRole("dialog")).toContainText("penguins");
});

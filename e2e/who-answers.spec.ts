import { instance } from "./fixtures/instance.ts";
import { askAbout, birdsOf } from "./fixtures/penguins.ts";
import { populatedPenguins, SCIENTIST } from "./fixtures/populated.ts";
import { expect, test } from "./fixtures/test.ts";
import { candidates, makeChampion, trainAnother } from "./fixtures/versions.ts";

// Alice lets versions of penguins take part in the traffic of its endpoint, and reads what that shows.
test.describe.configure({ mode: "serial" });

const PAGE = "/p/penguins/endpoints/penguins?tab=traffic";
/** Counts come by the minute. */
const COUNTED = { timeout: 100_000 };

test.beforeAll(async ({ playwright, browser, token }) => {
  test.setTimeout(240_000);
  await populatedPenguins({ playwright, browser, token });
});

test("a shadow and an A/B are started, requests are split by their keys, and the report says so", async ({
  api,
  pageOf,
  request,
  token,
  axe,
}) => {
  test.setTimeout(420_000);
  const client = await api("alice", "penguins", SCIENTIST);
  const bob = await pageOf("bob");
  // An A/B needs a version that was approved: the champion of before, once another has taken its place.
  if (!(await candidates(client)).some((one) => one.why.ab === null))
    await makeChampion(client, bob, await trainAnother(client));
  const former = (await candidates(client)).find((one) => one.why.ab === null)?.version ?? 0;
  if (!(await candidates(client)).some((one) => one.version !== former && one.why.shadow === null))
    await trainAnother(client);
  const third = (await candidates(client)).find((one) => one.version !== former && one.why.shadow === null);
  const shadow = third?.version ?? 0;

  const alice = await pageOf("alice");
  await alice.goto(PAGE);
  const dialog = alice.getByRole("dialog", { name: "Let a version take part" });
  const open = () => alice.getByRole("button", { name: "Start shadow, A/B or canary" }).click();

  await test.step("a shadow, which answers nobody", async () => {
    await open();
    await dialog.getByLabel("Version of penguins").selectOption(String(shadow));
    await expect(dialog.getByRole("list", { name: "Versions that cannot be chosen" })).toContainText(
      "It is the champion, which answers already.",
    );
    await expect(dialog.getByRole("status")).toContainText("Callers notice nothing");
    await axe(alice);
    await dialog.getByRole("button", { name: "Start the shadow" }).click();
    await expect(dialog).toHaveCount(0);
    await expect(alice.getByRole("row").filter({ hasText: "Shadow" })).toContainText(`version ${shadow}`);
  });

  await test.step("an A/B: a wrong share is refused at its field, half is taken", async () => {
    await open();
    await dialog.getByRole("radio", { name: "A/B" }).click();
    await dialog.getByLabel("Version of penguins").selectOption(String(former));
    await dialog.getByLabel("Share (%)").fill("0");
    await expect(dialog.getByRole("status")).toContainText("Say which share");
    await dialog.getByLabel("Share (%)").fill("50");
    await expect(dialog.getByRole("status")).toContainText("answers 50% of the requests, 50% stay with the champion");
    await dialog.getByRole("button", { name: "Start the A/B" }).click();
    await expect(dialog).toHaveCount(0);
    await expect(alice.getByRole("img", { name: /^Split of the requests/ })).toHaveAccessibleName(
      new RegExp(`Champion version \\d+: 50%, A/B version ${former}: 50%`),
    );
  });

  await test.step("requests with keys are split, each key sticking to its version, and outcomes arrive", async () => {
    const url = `${instance().servingUrl}/v2/models/penguins`;
    const scopes = ["serving:predict", "serving:outcomes"];
    const headers = { authorization: `Bearer ${await token("alice", "penguins", scopes)}` };
    const birds = birdsOf("Biscoe").slice(0, 80);
    const ask = async (i: number) => {
      const bird = birds[i % birds.length];
      if (!bird) throw new Error("no bird");
      const body = askAbout([bird]);
      const answer = await request.post(`${url}/infer`, {
        headers,
        data: { ...body, parameters: { entity_key: `bird-${i}` } },
      });
      expect(answer.status(), await answer.text()).toBe(200);
      const told = (await answer.json()) as { model_version: string; parameters: { prediction_ids: string[] } };
      return { version: told.model_version, id: told.parameters.prediction_ids[0], label: bird.species };
    };
    // The router has the A/B within a second of its start. The salt is drawn by lot: of six keys all would stay with the champion one time in 64.
    await expect
      .poll(async () => (await Promise.all(birds.slice(0, 24).map((_, i) => ask(i)))).map((one) => one.version))
      .toContain(String(former));
    const first = await Promise.all(birds.map((_, i) => ask(i)));
    const again = await Promise.all(birds.map((_, i) => ask(i)));
    expect(again.map((one) => one.version)).toEqual(first.map((one) => one.version));
    const byArm = first.filter((one) => one.version === String(former)).length;
    expect(byArm).toBeGreaterThan(20);
    expect(byArm).toBeLessThan(60);
    const outcomes = [...first, ...again].map(({ id, label }) => ({ id, label }));
    expect((await request.post(`${url}/outcomes`, { headers, data: { outcomes } })).status()).toBe(200);
  });

  await test.step("the report counts them, and the figures of each version appear", async () => {
    await alice.reload();
    await expect(alice.getByText(/entities went to the arm/)).toBeVisible(COUNTED);
    const sides = alice.getByRole("region", { name: "Table by side" });
    await expect(sides.getByRole("row").filter({ hasText: `version ${former}` })).toContainText("A/B");
    await expect(alice.getByRole("region", { name: "Table by metric" })).toContainText("Accuracy");
    await expect(alice.getByText("What is not known")).toBeVisible();
    await expect(alice.getByRole("heading", { name: /^Rows that shadows skipped/ })).toBeVisible(COUNTED);
    await alice.getByRole("combobox", { name: "Version" }).selectOption({ label: `A/B, version ${former}` });
    await expect(alice).toHaveURL(/of=ab\./);
    await axe(alice);
  });

  await test.step("a viewer reads it all and finds no act", async () => {
    const carol = await pageOf("carol");
    await carol.goto(PAGE);
    await expect(carol.getByRole("img", { name: /^Split of the requests/ })).toBeVisible();
    await expect(carol.getByRole("button", { name: /^(Start|End|Deal|Share|Change)\b/ })).toHaveCount(0);
  });

  await test.step("both are ended with a reason, and the champion answers all", async () => {
    for (const [what, version] of [
      ["the A/B", former],
      ["the shadow", shadow],
    ] as const) {
      await alice.getByRole("button", { name: `End ${what} of version ${version}` }).click();
      const confirm = alice.getByRole("dialog", { name: `End ${what} of version ${version}?` });
      await confirm.getByLabel("Reason").fill("seen enough");
      await confirm.getByRole("button", { name: `End ${what}` }).click();
      await expect(confirm).toHaveCount(0);
    }
    await expect(alice.getByRole("img", { name: /^Split of the requests/ })).toHaveAccessibleName(
      /Champion version \d+: 100%$/,
    );
    await expect(alice.getByText("Ended: seen enough")).toBeVisible();
  });
});

test("the fallback is declared field by field, shown as callers get it, and taken back", async ({
  pageOf,
  axe,
  guard,
}) => {
  guard.allow(/Failed to load resource.* 400/);
  const alice = await pageOf("alice");
  await alice.goto("/p/penguins/endpoints/penguins?tab=settings");
  await alice.getByRole("button", { name: "Declare an answer" }).click();
  await alice.getByRole("button", { name: "Save the answer" }).click();
  const probabilities = alice.getByRole("main").locator("fieldset input");
  const choices = alice.getByRole("main").locator("fieldset select");
  // Each field that is wrong says so at once.
  await expect(alice.getByRole("main").locator("[aria-invalid=true]")).toHaveCount(
    (await probabilities.count()) + (await choices.count()),
  );
  for (const field of await choices.all()) await field.selectOption({ index: 1 });
  for (const field of await probabilities.all()) await field.fill("0.25");
  await alice.getByRole("button", { name: "Save the answer" }).click();
  await expect(alice.getByText("the probabilities of all classes add up to 1; these to 0.75")).toBeVisible();
  await probabilities.first().fill("0.5");
  await axe(alice);
  await alice.getByRole("button", { name: "Save the answer" }).click();
  await expect(alice.getByRole("main")).toContainText('"fallback": true');
  await alice.getByRole("button", { name: "Take back" }).click();
  await alice.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
  await expect(alice.getByText("None: such requests are refused with 503")).toBeVisible();
});

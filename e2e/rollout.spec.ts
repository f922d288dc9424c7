import type { APIRequestContext, Page } from "@playwright/test";
import { instance } from "./fixtures/instance.ts";
import { askAbout, birdsOf } from "./fixtures/penguins.ts";
import { populatedPenguins, SCIENTIST } from "./fixtures/populated.ts";
import { askForNoSteps, askForSteps, GUARDED } from "./fixtures/rollout-policy.ts";
import { expect, test } from "./fixtures/test.ts";
import { trainAnother } from "./fixtures/versions.ts";

// An approved version takes over by steps; Bob pauses it, gives the traffic back, lets it go on to the end, and goes back to the champion of before.
test.describe.configure({ mode: "serial" });

const API = "/api/v1/projects/penguins";
/** Counts come every five seconds, and the watch looks as often. */
const LOOKED = { timeout: 30_000 };

let headers: Record<string, string>;
let challenger = 0;
let former = 0;

test.beforeAll(async ({ playwright, browser, token }) => {
  test.setTimeout(240_000);
  await populatedPenguins({ playwright, browser, token });
  headers = { authorization: `Bearer ${await token("alice", "penguins", ["serving:predict"])}` };
});

/** Which version answers a bird with this key, "fallback", or the status of a refusal. */
async function answeredBy(request: APIRequestContext, key: number): Promise<string> {
  const body = { ...askAbout(birdsOf("Biscoe").slice(0, 1)), parameters: { entity_key: `bird-${key}` } };
  const answer = await request.post(`${instance().servingUrl}/v2/models/penguins/infer`, { headers, data: body });
  if (!answer.ok()) return String(answer.status());
  const { model_version, parameters } = (await answer.json()) as {
    model_version?: string;
    parameters?: { fallback?: boolean };
  };
  return parameters?.fallback ? "fallback" : (model_version ?? "");
}
const hundred = async (request: APIRequestContext) =>
  await Promise.all(Array.from({ length: 100 }, (_, i) => answeredBy(request, i)));

/** Asks until the challenger has answered as many requests as the guards want to see. A quarter of a hundred keys may be fewer, and none before the router knows of the step. */
async function enough(request: APIRequestContext): Promise<void> {
  let answered = 0;
  await expect
    .poll(async () => {
      answered += (await hundred(request)).filter((version) => version === String(challenger)).length;
      return answered;
    }, LOOKED)
    .toBeGreaterThanOrEqual(GUARDED);
}

/** Requests the challenger and has Bob approve it; its page is open then. */
async function approved(alice: APIRequestContext, bob: Page): Promise<void> {
  const data = { model: "penguins", version: String(challenger), reason: "By steps." };
  const asked = await alice.post(`${API}/reviews`, { data });
  expect(asked.ok(), await asked.text()).toBe(true);
  const { number } = (await asked.json()) as { number: number };
  const read = async () => (await (await alice.get(`${API}/reviews/${number}`)).json()) as { status: string };
  await expect.poll(async () => (await read()).status, { timeout: 60_000 }).toBe("ready");
  const { digest } = (await (await bob.request.get(`${API}/reviews/${number}`)).json()) as { digest: string };
  const vote = { vote: "approve", comment: "", digest };
  expect((await bob.request.post(`${API}/reviews/${number}/decision`, { data: vote })).ok()).toBe(true);
  await expect.poll(async () => (await read()).status).toBe("rolling_out");
  await bob.goto(`/p/penguins/reviews/${number}`);
  await expect(bob.getByText("Step 1 of 2: 25% of the requests.")).toBeVisible(LOOKED);
}

/** Presses an act of the page, gives its reason, and waits until the dialog is gone. */
async function act(page: Page, button: string, confirm: string, reason: string): Promise<void> {
  await page.getByRole("button", { name: button, exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox").fill(reason);
  await dialog.getByRole("button", { name: confirm }).click();
  await expect(dialog).toHaveCount(0);
}

test("a rollout begins with a quarter of the keys, is paused, resumed, and gives everything back", async ({
  api,
  pageOf,
  request,
  axe,
}) => {
  test.setTimeout(180_000);
  const alice = await api("alice", "penguins", SCIENTIST);
  const bob = await pageOf("bob");
  former = Number(await answeredBy(request, 0));
  challenger = await trainAnother(alice);
  await askForSteps(bob);
  try {
    await approved(alice, bob);
    const share = async () => (await hundred(request)).filter((version) => version === String(challenger)).length;
    await expect.poll(share, LOOKED).toBeGreaterThan(8);
    expect(await share()).toBeLessThan(45);

    await test.step("paused, no step follows; resumed, the second one does", async () => {
      await act(bob, "Pause", "Pause", "looking at it");
      await expect(bob.getByText(/Paused: no step follows/)).toBeVisible();
      await act(bob, "Resume", "Resume", "all is well");
      await expect(bob.getByText("Step 2 of 2: 50% of the requests.")).toBeVisible(LOOKED);
      await expect(bob.getByRole("list", { name: "Guards" })).toContainText("Errors");
      await axe(bob);
    });

    await test.step("the endpoint's page shows who answers, and that the steps alone change it", async () => {
      const page = await pageOf("alice");
      await page.goto("/p/penguins/endpoints/penguins?tab=traffic");
      await expect(page.getByRole("img", { name: /^Split of the requests/ })).toHaveAccessibleName(
        new RegExp(`Champion version ${former}: 50%, Canary version ${challenger}: 50%`, "i"),
      );
      await expect(page.getByRole("button", { name: /^End the canary/ })).toHaveCount(0);
      await axe(page);
    });

    await act(bob, "Revert", "Revert", "the tail is too long");
    await expect.poll(async () => [...new Set(await hundred(request))], { timeout: 5_000 }).toEqual([String(former)]);
    await expect(bob.getByText(/Reverted by Bob Keller: the tail is too long/)).toBeVisible();
  } finally {
    await askForNoSteps(bob);
  }
});

test("completed early it is champion, and rolled back the one before answers within five seconds", async ({
  api,
  pageOf,
  request,
}) => {
  test.setTimeout(120_000);
  const bob = await pageOf("bob");
  await askForSteps(bob);
  try {
    await approved(await api("alice", "penguins", SCIENTIST), bob);
    // A guard that waits for requests lets nobody complete the rollout.
    await enough(request);
    await expect(bob.getByText("Step 2 of 2: 50% of the requests.")).toBeVisible(LOOKED);
    await act(bob, "Complete now", "Make it champion", "seen enough");
    await expect
      .poll(async () => [...new Set(await hundred(request))], { timeout: 5_000 })
      .toEqual([String(challenger)]);

    await bob.goto("/p/penguins/models/penguins");
    await bob.getByRole("button", { name: "Roll back" }).click();
    const dialog = bob.getByRole("dialog", { name: "Roll penguins back?" });
    await dialog.getByRole("radio", { name: new RegExp(`^version ${former}, champion since`) }).click();
    await dialog.getByRole("textbox").fill("callers complain");
    const rolledBack = bob.waitForResponse(
      (answer) => answer.url().endsWith("/rollback") && answer.request().method() === "POST",
    );
    await dialog.getByRole("button", { name: `Roll back to version ${former}` }).click();
    await rolledBack;
    await expect
      .poll(async () => [...new Set(await hundred(request))], { timeout: 5_000, intervals: [100] })
      .toEqual([String(former)]);
  } finally {
    await askForNoSteps(bob);
  }
});

test("stopped, an endpoint refuses within a second, or gives the declared answer", async ({ api, pageOf, request }) => {
  const client = await api("alice", "penguins", SCIENTIST);
  const alice = await pageOf("alice");
  await alice.goto("/p/penguins/endpoints/penguins");
  await alice.getByRole("button", { name: "Stop", exact: true }).click();
  const dialog = alice.getByRole("dialog", { name: "Stop penguins?" });
  await dialog.getByRole("textbox").fill("wrong units since noon");
  const stopped = alice.waitForResponse((answer) => answer.url().endsWith("/endpoints/penguins/stop"));
  await dialog.getByRole("button", { name: "Stop penguins" }).click();
  await stopped;
  await expect.poll(() => answeredBy(request, 1), { timeout: 1_000, intervals: [50] }).toBe("503");
  await expect(alice.getByText("wrong units since noon").first()).toBeVisible();

  const champion = await client.get(`${API}/models/penguins/versions/${former}`);
  const { signature } = (await champion.json()) as {
    signature: { outputs: { name: string; datatype: string }[]; classes: string[] };
  };
  const fallback = Object.fromEntries(
    signature.outputs.map(({ name, datatype }) => [
      name,
      datatype === "BYTES" ? signature.classes[0] : signature.classes.map((_, i) => (i === 0 ? 1 : 0)),
    ]),
  );
  const declared = await client.put(`${API}/endpoints/penguins/fallback`, { data: { fallback } });
  expect(declared.ok(), await declared.text()).toBe(true);
  await expect.poll(() => answeredBy(request, 1), { timeout: 1_000, intervals: [50] }).toBe("fallback");

  await client.put(`${API}/endpoints/penguins/fallback`, { data: { fallback: null } });
  await act(alice, "Resume", "Resume", "mended");
  await expect.poll(() => answeredBy(request, 1), { timeout: 5_000 }).toBe(String(former));
});

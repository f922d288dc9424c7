import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { expect, test } from "./fixtures/test.ts";

// Dave, who maintains the project, has a program of his told of new models. The program stands in this process.

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const stamp = Date.now().toString(36);
const NAME = `ci-${stamp}`;
const received: Received[] = [];
let answerWith = 200;
let receiver: Server;
let url = "";

test.beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      received.push({ headers: request.headers, body });
      response.writeHead(answerWith).end(answerWith === 200 ? "thank you" : "not now");
    });
  });
  await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
  const address = receiver.address();
  url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/hook`;
});
test.afterAll(() => new Promise<void>((done) => void receiver.close(() => done())));

test("a maintainer makes a webhook, tries it, sees what was delivered, sends again, pauses and deletes it", async ({
  api,
  pageOf,
  axe,
  guard,
}) => {
  test.setTimeout(90_000);
  guard.allow(/400/);
  const scientist = await api("alice", "penguins", ["registry:read", "registry:write"]);
  const register = async (name: string) => {
    const answer = await scientist.post("/api/2.0/mlflow/registered-models/create", { data: { name } });
    expect(answer.status(), await answer.text()).toBe(200);
  };
  const page = await pageOf("dave");
  await page.goto("/p/penguins/settings?tab=webhooks");

  let secret = "";
  await test.step("a wrong address is refused at its field, a right one is taken; the secret is made for it", async () => {
    await page.getByRole("button", { name: "New webhook" }).first().click();
    const dialog = page.getByRole("dialog", { name: "New webhook" });
    await dialog.getByLabel(/^Name/).fill(NAME);
    await dialog.getByLabel(/^Address/).fill("http://10.0.0.1/hook");
    await dialog.getByRole("checkbox", { name: "A model is registered" }).click();
    await dialog.getByRole("button", { name: "Generate" }).click();
    secret = await dialog.getByRole("textbox", { name: "Secret" }).inputValue();
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    await axe(page);
    await dialog.getByRole("button", { name: "Create webhook" }).click();
    await expect(dialog.getByText(/Use https/)).toBeVisible();
    await dialog.getByLabel(/^Address/).fill(url);
    await dialog.getByRole("button", { name: "Create webhook" }).click();
    await expect(dialog).toHaveCount(0);
  });
  const row = page.getByRole("row").filter({ hasText: NAME });
  await expect(row).toContainText("nothing sent");
  await axe(page);

  await test.step("a test shows what the receiver answers", async () => {
    await row.getByRole("button", { name: "Acts for this row" }).click();
    await page.getByRole("menuitem", { name: "Send a test" }).click();
    const dialog = page.getByRole("dialog", { name: `Test ${NAME}` });
    await dialog.getByRole("button", { name: "Send test" }).click();
    await expect(dialog.getByText("The receiver answered 200.")).toBeVisible();
    await expect(dialog.getByText("thank you")).toBeVisible();
    await page.keyboard.press("Escape");
    const [sent] = received;
    const [id, at] = [String(sent?.headers["x-mlflow-delivery-id"]), String(sent?.headers["x-mlflow-timestamp"])];
    const mac = createHmac("sha256", secret)
      .update(`${id}.${at}.${sent?.body ?? ""}`)
      .digest("base64");
    expect(sent?.headers["x-mlflow-signature"]).toBe(`v1,${mac}`);
  });

  const sheet = page.getByRole("dialog", { name: NAME, exact: true });
  await test.step("a delivery that was refused is seen at once, and sent again under its old id", async () => {
    answerWith = 503;
    await register(`heard ${stamp}`);
    await expect(row).toContainText("1 waiting", { timeout: 20_000 });
    await row.getByText(NAME).click();
    const waiting = sheet.getByRole("region", { name: "Deliveries" }).getByRole("listitem").first();
    await expect(waiting).toContainText(/[1-8] of 9 attempts: The receiver answered 503\. Next try in \d+ s\./, {
      timeout: 20_000,
    });
    answerWith = 400;
    await expect(waiting).toContainText("failed", { timeout: 30_000 });
    const delivery = sheet.getByRole("region", { name: "Deliveries" }).getByRole("listitem").first();
    await expect(delivery).toContainText(/\d attempts: The receiver answered 400\./);
    await delivery.getByRole("button", { name: "Message" }).click();
    await expect(delivery).toContainText(`heard ${stamp}`);
    await axe(page);
    answerWith = 200;
    await delivery.getByRole("button", { name: "Send again" }).click();
    await expect(delivery).toContainText("delivered", { timeout: 20_000 });
    const ids = received.slice(-2).map(({ headers }) => headers["x-mlflow-delivery-id"]);
    expect(ids[0]).toBe(ids[1]);
  });

  await test.step("a paused one hears nothing; the secret is kept and never shown when it is changed", async () => {
    await sheet.getByRole("button", { name: "Pause" }).click();
    await expect(sheet.getByText("Paused")).toBeVisible();
    const before = received.length;
    await register(`unheard ${stamp}`);
    await sheet.getByRole("button", { name: "Edit" }).click();
    const dialog = page.getByRole("dialog", { name: `Edit ${NAME}` });
    await expect(dialog.getByRole("radio", { name: "Keep the one it has" })).toBeChecked();
    await dialog.getByLabel("Description").fill("tells the build");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog).toHaveCount(0);
    await expect(sheet.getByText("tells the build")).toBeVisible();
    await expect(sheet.getByText("yes, with its secret")).toBeVisible();
    expect(await page.content()).not.toContain(secret);
    await sheet.getByRole("button", { name: "Resume" }).click();
    await expect(sheet.getByText("Active", { exact: true })).toBeVisible();
    expect(received).toHaveLength(before);
  });

  await test.step("deleting says what it ends", async () => {
    await sheet.getByRole("button", { name: "Delete" }).click();
    const dialog = page.getByRole("dialog", { name: `Delete the webhook ${NAME}?` });
    await expect(dialog).toContainText(url);
    await dialog.getByRole("button", { name: "Delete" }).click();
    await expect(row).toHaveCount(0);
  });
});

test("a reviewer has no such tab, and their request for the list is refused", async ({ pageOf }) => {
  const page = await pageOf("bob");
  await page.goto("/p/penguins/settings?tab=webhooks");
  await expect(page.getByRole("tab", { name: "General" })).toBeVisible();
  await expect(page.getByRole("tab", { name: "Webhooks" })).toHaveCount(0);
  expect((await page.request.get("/api/v1/projects/penguins/webhooks")).status()).toBe(403);
});

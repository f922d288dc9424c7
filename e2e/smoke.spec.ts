import { PEOPLE, type Person, signIn } from "./fixtures/people.ts";
import { expect, test } from "./fixtures/test.ts";

for (const person of Object.keys(PEOPLE) as Person[]) {
  test(`${person} signs in at the identity provider and out of both`, async ({ page }) => {
    await signIn(page, person);
    const menu = page.getByRole("button", { name: `${PEOPLE[person]}, account` });
    await expect(menu).toBeVisible();

    await menu.click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(page).toHaveURL(/\/login$/);

    await page.goto("/");
    await expect(page).toHaveURL(/\/login\?/);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByText("Choose who you are")).toBeVisible(); // the provider has forgotten them too
  });
}

test("after signing in the browser is where the link pointed", async ({ page }) => {
  await signIn(page, "alice", "/inbox?filter=unread");
});

test("whoever is not signed in is sent to the sign-in page, and a program gets 401 with the way in", async ({
  request,
}) => {
  const page = await request.get("/p/penguins", { maxRedirects: 0 });
  expect(page.status()).toBe(307);
  expect(page.headers()["location"]).toContain("/login?callbackUrl=%2Fp%2Fpenguins");

  const answer = await request.get("/api/v1/projects");
  expect(answer.status()).toBe(401);
  expect(answer.headers()["content-type"]).toContain("application/problem+json");
  const problem = await answer.json();
  expect(problem).toMatchObject({ status: 401, code: "unauthenticated" });
  expect(problem.remedy).toContain("API token");
  expect(problem.requestId).toBe(answer.headers()["x-request-id"]);
});

test("a program that mistypes an address is told so, and not shown a page", async ({ api }) => {
  const alice = await api("alice", "penguins", ["project:read"]);
  for (const answer of [await alice.get("/api/v1/project/penguins"), await alice.post("/api/v2/x", { data: {} })]) {
    expect(answer.status()).toBe(404);
    expect(answer.headers()["content-type"]).toContain("application/problem+json");
    const { pathname } = new URL(answer.url());
    expect(await answer.json()).toMatchObject({ code: "not_found", field: "path", value: pathname });
  }
  const unreadable = await alice.get("/api/v1/projects/%zz/runs");
  expect(unreadable.status()).toBe(400);
  expect(await unreadable.json()).toMatchObject({ field: "path", value: "/api/v1/projects/%zz/runs" });
});

test("a token opens its own project only, and a made-up one opens nothing", async ({ api, request }) => {
  const alice = await api("alice", "penguins", ["project:read"]);
  const own = await alice.get("/api/v1/projects/penguins");
  expect(own.status()).toBe(200);
  expect(await own.json()).toMatchObject({ slug: "penguins" });
  expect((await alice.get("/api/v1/projects/flight-delays")).status()).toBe(404);
  expect((await alice.patch("/api/v1/projects/penguins", { data: { name: "Mine" } })).status()).toBe(403);

  const headers = { authorization: `Bearer tst_${"x".repeat(32)}` };
  expect((await request.get("/api/v1/projects/penguins", { headers })).status()).toBe(401);
});

test("a connection outlives the pause between two epochs of a training script", async ({ request }) => {
  const { "keep-alive": kept } = (
    await request.get("/api/health", { headers: { connection: "keep-alive" } })
  ).headers();
  expect(Number(/timeout=(\d+)/.exec(kept ?? "")?.[1])).toBeGreaterThanOrEqual(60);
});

test("a foreign site cannot act through a signed-in browser", async ({ pageOf }) => {
  const page = await pageOf("alice");
  const answer = await page.request.post("/api/v1/projects", {
    data: { slug: "stolen", name: "Stolen" },
    headers: { origin: "https://evil.example" },
  });
  expect(answer.status()).toBe(403);
});

test("scripts run by nonce only", async ({ page, request }) => {
  const policies = await Promise.all([request.get("/login"), request.get("/login")]).then((answers) =>
    answers.map((answer) => answer.headers()["content-security-policy"] ?? ""),
  );
  for (const policy of policies) {
    expect(policy).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'(;|$)/);
    expect(policy).not.toContain("unsafe-eval");
  }
  expect(policies[0]).not.toBe(policies[1]);
  await page.goto("/login");
  await expect(page.getByRole("button", { name: "Sign in" })).toBeEnabled(); // hydrated under that policy
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`sign-in page and home meet WCAG 2.2 AA, ${colorScheme}`, async ({ page, axe }) => {
    await page.emulateMedia({ colorScheme });
    await page.goto("/login");
    await axe(page);
    await signIn(page, "carol");
    await axe(page);
  });
}

test("the probes answer without a session", async ({ request }) => {
  expect((await request.get("/api/health")).status()).toBe(200);
  const metrics = await request.get("/metrics");
  expect(metrics.status()).toBe(200);
  expect(await metrics.text()).toContain("process_cpu_seconds_total");
});

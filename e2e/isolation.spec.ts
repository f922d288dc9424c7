import type { APIResponse } from "@playwright/test";
import { addressOf, methodsOf, projectPages, projectRoutes, type Things } from "./fixtures/addresses.ts";
import { cloneUrl, gitRefusal } from "./fixtures/git.ts";
import { instance } from "./fixtures/instance.ts";
import { populatedPenguins, SCIENTIST } from "./fixtures/populated.ts";
import { expect, test } from "./fixtures/test.ts";

// Alice leaves Penguins and works next door. Whatever she asks of Penguins from then on, by browser or by a token she still has, is as if it were not there.
// The addresses are those of the source files, with things in them that really exist: "not found" can then only mean "not for you".
test.describe.configure({ mode: "serial" });

const PROJECT = "penguins";
const NEXT_DOOR = "next-door";

let things: Things = {};

test.beforeAll(async ({ playwright, token, browser }) => {
  test.setTimeout(240_000);
  things = await populatedPenguins({ playwright, token, browser });
});

test("while Alice is a member, every address that can be read answers her", async ({ pageOf }) => {
  test.setTimeout(180_000);
  const alice = await pageOf("alice");
  for (const file of projectRoutes().filter((route) => methodsOf(route).includes("GET"))) {
    const path = addressOf(file, PROJECT, things);
    if (NOT_HERS.some((part) => path.includes(part))) continue;
    const answer = await alice.request.get(path + queryOf(path));
    expect.soft(answer.status(), `GET ${path}`).toBe(200);
  }
});

const queryOf = (path: string) => {
  if (path.endsWith("/runs/metrics")) return `?runs=${things["run"]}&key=accuracy&points=10`;
  return QUERIES.find(([end]) => path.endsWith(end))?.[1] ?? "";
};

const QUERIES: readonly (readonly [string, string])[] = [
  ["/code/blob", "?ref=main&path=README.md"],
  ["/code/file", "?branch=main&path=README.md"],
  ["/code/draft-diff", "?branch=main&path=README.md"],
  ["/diff", "?path=pipeline.yaml"],
  ["/evaluations", `?runs=${"0".repeat(32)}`],
  ["/run-environments", `?runs=${"0".repeat(32)}`],
  ["/endpoints/penguins/predictions", ""],
  ["/predictions", "?artifact=touchstone/predictions.csv"],
  ["/runs/groups", "?groupBy=attributes.status"],
  ["/runs/values", "?name=attributes.status"],
];
/** Asked for by an id that nobody has, by people with another role, of a file that is no table, or of a run without a lock. */
const NOT_HERS = [
  "/table/",
  "/lock.txt",
  "/people",
  "/evaluations/",
  "/selections/",
  "/predictions/",
  "/alerts/",
  "/report",
  "/windows/",
  "/outputs/",
  "/webhooks/0",
];

/** Addresses that are asked at the same time: each waits for its three answers, one after the other. */
const AT_ONCE = 8;

test("once she has left, every route and page of the project is not there for her", async ({
  pageOf,
  token,
  guard,
}) => {
  test.setTimeout(300_000);
  guard.allow(/Failed to load resource.* 404/);
  const [alice, dave] = [await pageOf("alice"), await pageOf("dave")];
  const made = await alice.request.post("/api/v1/projects", { data: { slug: NEXT_DOOR, name: "Next door" } });
  expect([201, 409]).toContain(made.status());
  const members = `/api/v1/projects/${PROJECT}/members`;
  const tokens = {
    "her old token": await token("alice", PROJECT, SCIENTIST),
    "her token of next door": await token("alice", NEXT_DOOR, SCIENTIST),
  };
  expect((await dave.request.delete(`${members}/alice`, { data: {} })).status()).toBe(200);
  try {
    const calls = projectRoutes().flatMap((file) =>
      methodsOf(file).map((method) => ({ method, path: addressOf(file, PROJECT, things) })),
    );
    expect(calls.length).toBeGreaterThan(70);
    const wrong: string[] = [];
    const judge = async (who: string, method: string, path: string, answer: APIResponse) => {
      const problem: Record<string, unknown> = method === "HEAD" ? {} : await answer.json().catch(() => ({}));
      // Not any 404: the one that says there is no such project, before anything else about the request is judged.
      const hidden = answer.status() === 404 && (method === "HEAD" || problem["field"] === "project");
      if (!hidden) wrong.push(`${who}: ${method} ${path} answered ${answer.status()}: ${String(problem["detail"])}`);
    };
    const ask = async ({ method, path }: (typeof calls)[number]) => {
      const data = method === "GET" || method === "HEAD" ? {} : { data: {} };
      const url = path + (method === "PUT" && path.endsWith("/versions") ? "?fileName=x.csv" : queryOf(path));
      await judge("her browser", method, path, await alice.request.fetch(url, { method, ...data }));
      for (const [who, secret] of Object.entries(tokens)) {
        const headers = { authorization: `Bearer ${secret}`, cookie: "" };
        await judge(who, method, path, await dave.request.fetch(url, { method, headers, ...data }));
      }
    };
    for (let at = 0; at < calls.length; at += AT_ONCE) await Promise.all(calls.slice(at, at + AT_ONCE).map(ask));
    expect(wrong).toEqual([]);

    for (const file of projectPages()) {
      const path = addressOf(file, PROJECT, things);
      expect((await alice.goto(path))?.status(), path).toBe(404);
      await expect(alice.getByRole("heading", { level: 1, name: "Not found" }), path).toBeAttached();
    }
  } finally {
    await dave.request.put(members, { data: { handle: "alice", role: "scientist" } });
  }
  expect((await alice.request.get(`/api/v1/projects/${PROJECT}`)).status()).toBe(200);
});

test("the protocols keep projects apart too: mlflow, git, inference, events, search, audit", async ({
  pageOf,
  token,
  request,
}) => {
  const alice = await pageOf("alice");
  const outside = await token("alice", NEXT_DOOR, [...SCIENTIST, "tracking:write", "registry:write", "code:write"]);
  const headers = { authorization: `Bearer ${outside}` };

  for (const path of [
    `runs/get?run_id=${things["run"]}`,
    `artifacts/list?run_id=${things["run"]}`,
    "registered-models/get?name=penguins",
    `model-versions/get?name=penguins&version=${things["version"]}`,
    "registered-models/alias?name=penguins&alias=champion",
  ]) {
    const answer = await request.get(`/api/2.0/mlflow/${path}`, { headers });
    expect(answer.status(), path).toBe(404);
    expect((await answer.json()).error_code, path).toBe("RESOURCE_DOES_NOT_EXIST");
  }
  const search = await request.post("/api/2.0/mlflow/runs/search", { headers, data: { experiment_ids: ["0"] } });
  expect((await search.json()).runs ?? []).toEqual([]);
  const logged = await request.post("/api/2.0/mlflow/runs/log-metric", {
    headers,
    data: { run_id: things["run"], key: "stolen", value: 1, timestamp: 0 },
  });
  expect(logged.status()).toBe(404);
  const uploaded = await request.put(`/api/2.0/mlflow-artifacts/artifacts/0/${things["run"]}/artifacts/x.txt`, {
    headers,
    data: "x",
  });
  expect(uploaded.status()).toBe(404);

  expect(await gitRefusal(["ls-remote", cloneUrl(PROJECT, outside)])).toMatch(/no project|not found/i);

  const model = `${instance().servingUrl}/v2/models/penguins`;
  for (const [method, path] of [
    ["GET", ""],
    ["GET", "/ready"],
    ["GET", "/openapi.json"],
    ["POST", "/infer"],
    ["POST", "/outcomes"],
  ] as const)
    expect(
      (await request.fetch(model + path, { method, headers, ...(method === "POST" && { data: {} }) })).status(),
      path,
    ).toBe(404);

  // Nothing of Penguins leaks into answers about the other project.
  for (const path of [`/api/v1/search?q=penguins&project=${NEXT_DOOR}`, `/api/v1/projects/${NEXT_DOOR}/audit`]) {
    const text = await (await alice.request.get(path)).text();
    expect(text, path).not.toContain(`/p/${PROJECT}/`);
    expect(text, path).not.toContain("train-penguins");
  }
});

test("an event stream tells members alone", async ({ pageOf, token, request }) => {
  const outside = await token("alice", NEXT_DOOR, SCIENTIST);
  const headers = { authorization: `Bearer ${outside}` };
  expect((await request.get(`/api/v1/events?project=${PROJECT}`, { headers })).status()).toBe(404);
  // Who is a member hears of it; the request stays open, so only its beginning is read.
  const alice = await pageOf("alice");
  await alice.goto(`/p/${NEXT_DOOR}`);
  const type = await alice.evaluate(async (project) => {
    const abort = new AbortController();
    const answer = await fetch(`/api/v1/events?project=${project}`, { signal: abort.signal });
    abort.abort();
    return `${answer.status} ${answer.headers.get("content-type") ?? ""}`;
  }, PROJECT);
  expect(type).toMatch(/^200 text\/event-stream/);
});

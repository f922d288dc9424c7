import { beforeAll, expect, test } from "vitest";
import { resolveRef } from "#server/code/index.ts";
import { wilson } from "#server/kernel/statistics/intervals.ts";
import { pool, prisma } from "#server/platform/db.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { createPerson, createProjectOf, somePeople } from "#server/platform/testing/people.ts";
import { updateProject } from "#server/projects/index.ts";
import {
  countWaiting,
  getControlPlane,
  getHome,
  getProjectOverview,
  listAudit,
  search,
  startProject,
} from "./index.ts";
import { makeLoop } from "./testing/loop.ts";

testDatabase();

let people: Awaited<ReturnType<typeof somePeople>>;
let loop: Awaited<ReturnType<typeof makeLoop>>;

beforeAll(async () => {
  people = await somePeople();
  loop = await makeLoop(people.project.id, people.alice, people.bob);
});

test("the overview says what is live, who approved it, and how often it was right, to a viewer", async () => {
  const overview = await getProjectOverview(people.carol, people.project.slug, {});
  expect(overview.live).toHaveLength(1);
  const [live] = overview.live;
  expect(live?.live).toMatchObject({ version: 1, request: { number: 1, approvedBy: ["Bob"] } });
  expect(live?.rows).toBe("flights");
  const { low, high } = wilson(75, 100);
  // Counted by hand: 100 outcomes, 75 as predicted; the id that was predicted twice counts once.
  expect(live?.score).toMatchObject({ kind: "share", value: 0.75, n: 100, low, high, from: "2013-07-01" });
  // Of version 1 alone: what version 2 answered earlier is in the log too.
  expect(live?.predictions).toBe(200);
  expect(live?.alerts.map((alert) => alert.title)).toEqual(["carrier has drifted"]);
  expect(overview.promotions).toMatchObject([{ number: 1, version: 1, approvedBy: ["Bob"], score: { value: 0.75 } }]);
  expect(overview.requests.map((request) => request.number)).toEqual([2]);
  expect(overview.runs).toBeNull();
});

test("a score follows new outcomes", async () => {
  const { rows } = await pool().query<{ id: string }>(
    "update serving_log.outcomes set label = 'late' where endpoint_id = $1 returning prediction_id as id",
    [loop.endpoint.id],
  );
  expect(rows).toHaveLength(100);
  await pool().query(
    "update serving_log.event_days set last_outcome_at = now() + interval '1 second' where outcomes > 0",
  );
  const overview = await getProjectOverview(people.alice, people.project.slug, {});
  expect(overview.live[0]?.score?.value).toBe(1);
  expect(overview.runs?.map((run) => run.number)).toEqual([2, 1]);
});

test("the rail counts what a person can act on", async () => {
  const waiting = async (who: Parameters<typeof countWaiting>[0]) => await countWaiting(who, people.project.slug, {});
  expect(await waiting(people.bob)).toEqual({ reviews: 1, monitoring: 1, pipelines: 1 });
  // Alice requested it, Carol only looks on, Dave does not decide.
  expect(await waiting(people.alice)).toEqual({ reviews: 0, monitoring: 1, pipelines: 1 });
  expect(await waiting(people.carol)).toEqual({ reviews: 0, monitoring: 1, pipelines: 0 });
  expect((await waiting(people.dave)).reviews).toBe(0);
  await expect(waiting(people.eve)).rejects.toMatchObject({ code: "not_found" });
});

test("home gives each role its own work and nobody another's", async () => {
  const alice = await getHome(people.alice, {});
  expect(alice.science?.running.map(({ item }) => item.number)).toEqual([2]);
  expect(alice.science?.failed.map(({ item }) => item.number)).toEqual([1]);
  expect(alice.science?.requests.map(({ item }) => item.number)).toEqual([2]);
  expect([alice.reviews, alice.health, alice.administration]).toEqual([null, null, null]);

  const bob = await getHome(people.bob, {});
  expect(bob.reviews?.waiting.map(({ project, item }) => [project.slug, item.number])).toEqual([
    [people.project.slug, 2],
  ]);
  expect([bob.science, bob.administration, bob.mayCreateProject]).toEqual([null, null, false]);

  const carol = await getHome(people.carol, {});
  expect(carol.health?.map((live) => live.endpoint)).toEqual([loop.endpoint.name]);
  expect([carol.science, carol.reviews, carol.administration]).toEqual([null, null, null]);

  const dave = await getHome(people.dave, {});
  expect(dave.administration?.people.map((person) => person.name)).toContain("Eve");
  expect(dave.administration?.audit.length).toBeGreaterThan(0);

  const eve = await getHome(people.eve, {});
  expect(eve.projects.map((project) => project.slug)).toEqual([people.other.slug]);
  expect(eve.science?.running).toEqual([]);
});

test("a person with two roles gets the parts of both", async () => {
  const both = await createPerson("Robin", ["scientist", "reviewer"]);
  const { slug } = await createProjectOf({ [both.handle]: "scientist" });
  const home = await getHome(both, {});
  expect(home.projects.map((project) => project.slug)).toEqual([slug]);
  expect(home.science).not.toBeNull();
  expect(home.reviews).not.toBeNull();
});

test("search finds objects by name, number and id, where the reader may see them", async () => {
  const titles = async (who: Parameters<typeof search>[0], q: string, project?: string) =>
    (await search(who, { q, ...(project ? { project } : {}) })).items.map(({ kind, title }) => `${kind}: ${title}`);
  expect(await titles(people.alice, "delays")).toEqual(
    expect.arrayContaining(["model: delays", `endpoint: ${loop.endpoint.name}`, "pipeline run: train-delays run 2"]),
  );
  expect((await titles(people.alice, "delays"))[0]).toBe("model: delays");
  expect(await titles(people.alice, "delays v2")).toContain("model version: delays version 2");
  expect(await titles(people.alice, "delays v2")).not.toContain("model version: delays version 1");
  expect(await titles(people.alice, "delays 2")).not.toContain("promotion request: #1 delays version 1");
  expect(await titles(people.alice, "2".repeat(12))).toEqual(["model version: delays version 2"]);
  expect(await titles(people.alice, "#2")).toEqual(
    expect.arrayContaining(["promotion request: #2 delays version 2", "pipeline run: train-delays run 2"]),
  );
  // A viewer does not see pipeline runs.
  expect((await titles(people.carol, "delays")).filter((title) => title.startsWith("pipeline run"))).toEqual([]);
  expect(await titles(people.eve, "delays")).toEqual([]);
  expect(await titles(people.alice, "delays", people.other.slug)).toEqual([]);
  expect(await titles(people.alice, "del_ys")).toEqual([]);
  expect(await titles(people.alice, "de%ys")).toEqual([]);
  expect(await titles(people.alice, "")).toEqual([]);
});

test("the audit trail shows each reader their own projects, and administrators everything", async () => {
  const events = async (who: Parameters<typeof listAudit>[0], input: Parameters<typeof listAudit>[1] = {}) =>
    (await listAudit(who, input)).events;
  const seenBy = async (who: Parameters<typeof listAudit>[0]) => new Set((await events(who)).map((e) => e.projectId));
  expect(await seenBy(people.alice)).toEqual(new Set([people.project.id]));
  expect(await seenBy(people.eve)).toEqual(new Set([people.other.id]));
  // A viewer holds no audit:read.
  expect(await events(people.carol)).toEqual([]);
  expect((await seenBy(people.dave)).size).toBeGreaterThan(2);
  await expect(events(people.carol, { project: people.project.slug })).rejects.toMatchObject({ code: "not_found" });
  await expect(events(people.alice, { project: people.other.slug })).rejects.toMatchObject({ code: "not_found" });

  await updateProject(people.dave, people.project.slug, { name: "Delays", description: "100% real" });
  const [changed] = await events(people.alice, { action: "project.updated" });
  expect(changed).toMatchObject({
    actorName: "Dave",
    project: { slug: people.project.slug },
    details: { after: { name: "Delays" } },
  });
  expect(await events(people.alice, { action: "project.updated", actor: "bob" })).toEqual([]);
  const first = await listAudit(people.alice, { limit: 2 });
  const rest = await listAudit(people.alice, { limit: 500, before: first.next ?? "" });
  const ids = [...first.events, ...rest.events].map((event) => event.id);
  expect(ids).toEqual((await events(people.alice, { limit: 500 })).map((event) => event.id));
});

test("a token sees no more than its scopes, and never the platform", async () => {
  const narrowed = {
    ...people.dave,
    kind: "token" as const,
    token: { id: "x", scopes: ["project:read" as const], projectId: null },
  };
  expect((await listAudit(narrowed, {})).events).toEqual([]);
  expect((await search(narrowed, { q: "delays" })).items.map((item) => item.kind)).toEqual(["project"]);
  const home = await getHome(narrowed, {});
  expect([home.administration, home.mayCreateProject]).toEqual([null, false]);
});

test("the control plane is the administrators', and shows no secret", async () => {
  for (const who of [people.alice, people.bob, people.carol])
    await expect(getControlPlane(who, {})).rejects.toMatchObject({ code: "forbidden" });
  const now = Date.now();
  const worker = (id: string, pid: number, silentMs: number, stoppedAt: Date | null) =>
    prisma().worker.create({
      data: {
        id: `00000000-0000-7000-8000-00000000000${id}`,
        host: "here",
        pid,
        roles: ["pipelines"],
        version: "1",
        slots: 2,
        heartbeatAt: new Date(now - silentMs),
        stoppedAt,
      },
    });
  await worker("1", 1, 60_000, new Date(now - 60_000));
  await worker("2", 2, 60_000, null);
  await worker("3", 3, 1_000, null);
  const plane = await getControlPlane(people.dave, {});
  expect(plane.workers.map(({ pid, state }) => [pid, state])).toEqual([
    [3, "running"],
    [2, "silent"],
    [1, "stopped"],
  ]);
  expect(plane.projects.find(({ slug }) => slug === people.project.slug)).toMatchObject({ members: 4, endpoints: 1 });
  const database = plane.settings.find(({ name }) => name === "DATABASE_URL")?.value ?? "";
  expect(database).toMatch(/^postgres(ql)?:\/\/[^@]+\/test_/);
  expect(plane.versions.find(({ name }) => name === "Postgres")?.value).toMatch(/^18/);
});

test("a new project has a repository and its creator as member", async () => {
  const slug = `fresh-${Date.now().toString(36)}`;
  await startProject(people.alice, { slug, name: "Fresh" });
  const overview = await getProjectOverview(people.alice, slug, {});
  expect(overview).toMatchObject({
    live: [],
    promotions: [],
    counts: { datasets: 0, models: 0 },
    project: { role: "scientist" },
  });
  expect((await resolveRef(overview.project.id, "main")).length).toBe(40);
  await expect(startProject(people.carol, { slug: `${slug}-b`, name: "No" })).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(startProject(people.alice, { slug, name: "Again" })).rejects.toMatchObject({ code: "conflict" });
});

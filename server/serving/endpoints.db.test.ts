import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemActor } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { emptyLatencies } from "#server/kernel/statistics/latency-histogram.ts";
import { prisma } from "#server/platform/db.ts";
import { log } from "#server/platform/log.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { assignAlias } from "#server/registry/index.ts";
import { followChampion } from "./follow-champion.ts";
import {
  createEndpoint,
  ensureEndpoint,
  getEndpoint,
  getEndpointTraffic,
  listEndpoints,
  MinuteCounts,
  type Intent,
  planOf,
  readIntents,
  resumeEndpoint,
  settleEndpoint,
  stopEndpoint,
  updateEndpoint,
} from "./index.ts";
import { crown, registerOnnx } from "#server/platform/testing/champions.ts";

testDatabase();

const platform = systemActor("test");
let people: Awaited<ReturnType<typeof somePeople>>;
beforeAll(async () => {
  people = await somePeople();
});
beforeEach(async () => {
  await prisma().modelAlias.deleteMany();
  await prisma().endpoint.deleteMany();
});

/** A model of its own in a project, with an endpoint of the same name. */
async function modelWithEndpoint(projectId = people.project.id, name = `m-${uuidv7().slice(-12)}`) {
  const first = await registerOnnx(platform, projectId, name);
  const { created } = await ensureEndpoint(platform, projectId, { modelId: first.modelId });
  const endpoint = await prisma().endpoint.findUniqueOrThrow({ where: { name: created ?? "" } });
  return { ...first, name, endpoint };
}
const intentOf = async (endpointId: string) =>
  (await readIntents()).find((intent) => intent.plan.endpointId === endpointId);
const championOf = (intent: Intent | undefined) => intent?.plan.arms.find((arm) => arm.kind === "champion")?.entry;

describe("what is served", () => {
  test("the champion that an approved request names, and nothing before there is one", async () => {
    const { endpoint, ...version } = await modelWithEndpoint();
    expect(await intentOf(endpoint.id)).toMatchObject({ plan: { arms: [] }, problem: null });
    const { requestId } = await crown(version, people.alice, people.bob);
    const intent = await intentOf(endpoint.id);
    expect(intent).toMatchObject({
      requestId,
      problem: null,
      plan: { arms: [{ kind: "champion", entry: { modelVersionId: version.versionId, version: 1 } }] },
    });
    expect(championOf(intent)?.signature.classes).toEqual(["no", "yes"]);
    expect([...planOf([intent!]).keys()]).toEqual([endpoint.name]);
  });

  test("never a version whose promotion was not approved, whatever the alias says", async () => {
    const { endpoint, name, ...first } = await modelWithEndpoint();
    await assignAlias(prisma(), { modelId: first.modelId, alias: "champion", versionId: first.versionId });
    const refused = (why: string) => ({
      plan: { arms: [] },
      problem: expect.stringContaining(why) as string,
    });
    const nameless = refused("no approved promotion request names it");
    expect(await intentOf(endpoint.id)).toMatchObject(nameless);
    for (const [flaw, why] of [
      [{ status: "ready" }, "no approved promotion request names it"],
      [{ vote: "reject" }, "0 of 1 signed approval"],
      [{ votedDigest: "another" }, "0 of 1 signed approval"],
      [{ voidedAt: new Date() }, "0 of 1 signed approval"],
      [{ unsigned: true }, "by Bob is not signed"],
      [{ reviewers: 2 }, "1 of 2 signed approvals"],
    ] as const) {
      await crown(first, people.alice, people.bob, flaw);
      expect(await intentOf(endpoint.id), JSON.stringify(flaw)).toMatchObject(refused(why));
    }
    await crown(first, people.alice, people.alice);
    expect(await intentOf(endpoint.id), "own work").toMatchObject(refused("Alice may not decide"));
    await crown(first, people.alice, people.bob);
    expect(championOf(await intentOf(endpoint.id))?.version).toBe(1);
    // The approval of one version says nothing of the next.
    const second = await registerOnnx(platform, people.project.id, name);
    await assignAlias(prisma(), { modelId: second.modelId, alias: "champion", versionId: second.versionId });
    expect(await intentOf(endpoint.id)).toMatchObject(nameless);
  });

  test("nothing of an archived project, and nothing that has no file", async () => {
    const { endpoint, ...version } = await modelWithEndpoint();
    await prisma().modelVersion.update({ where: { id: version.versionId }, data: { sha256: "0".repeat(64) } });
    await crown(version, people.alice, people.bob);
    await prisma().modelVersion.update({ where: { id: version.versionId }, data: { sha256: null } });
    expect(await intentOf(endpoint.id)).toMatchObject({
      plan: { arms: [] },
      problem: expect.stringContaining("no ONNX file"),
    });
    await prisma().modelVersion.update({ where: { id: version.versionId }, data: { sha256: "0".repeat(64) } });
    expect(await intentOf(endpoint.id)).toMatchObject({
      plan: { arms: [] },
      problem: expect.stringContaining("backup"),
    });
    await prisma().project.update({ where: { id: people.project.id }, data: { archivedAt: new Date() } });
    expect(await intentOf(endpoint.id)).toBeUndefined();
    await prisma().project.update({ where: { id: people.project.id }, data: { archivedAt: null } });
  });
});

describe("endpoints come about", () => {
  test("with a model's first champion, once, under the model's name or the next free one", async () => {
    const name = `Delay model ${uuidv7().slice(-8)}`;
    const slug = name.toLowerCase().replaceAll(" ", "-");
    const mine = await registerOnnx(platform, people.project.id, name);
    await Promise.all([followChampion(mine), followChampion(mine)]);
    await followChampion(mine);
    const theirs = await registerOnnx(platform, people.other.id, name);
    await followChampion(theirs);
    const all = await prisma().endpoint.findMany({ orderBy: { createdAt: "asc" } });
    expect(all.map((e) => [e.name, e.projectId])).toEqual([
      [slug, people.project.id],
      [`${slug}-${people.other.slug}`, people.other.id],
    ]);
  });

  test("by a person's wish, under a name that is free", async () => {
    const { name, endpoint } = await modelWithEndpoint();
    const created = await createEndpoint(people.alice, people.project.slug, { name: `${name}-eu`, model: name });
    expect(created.name).toBe(`${name}-eu`);
    await expect(
      createEndpoint(people.alice, people.project.slug, { name: endpoint.name, model: name }),
    ).rejects.toMatchObject({ code: "conflict", place: { field: "name" } });
    await expect(
      createEndpoint(people.alice, people.project.slug, { name: "Bad Name", model: name }),
    ).rejects.toMatchObject({
      code: "invalid_input",
    });
    await expect(createEndpoint(people.eve, people.other.slug, { name: "x1", model: name })).rejects.toMatchObject({
      code: "not_found",
      place: { field: "model" },
    });
  });
});

describe("what a serving process found", () => {
  const settle = (
    endpointId: string,
    live: { versionId: string; version: number; requestId: string } | null | undefined,
    problem: string | null = null,
  ) => settleEndpoint(platform, people.project.id, { endpointId, problem, ...(live === undefined ? {} : { live }) });

  test("is written down once, with who approved, and closes what was before", async () => {
    const { endpoint, name, ...first } = await modelWithEndpoint();
    const one = await crown(first, people.alice, people.bob);
    const second = await registerOnnx(platform, people.project.id, name);
    const two = await crown(second, people.alice, people.bob);
    const live = { versionId: first.versionId, version: 1, requestId: one.requestId };
    expect(await Promise.all([settle(endpoint.id, live), settle(endpoint.id, live)])).toEqual(
      expect.arrayContaining([{ changed: true }, { changed: false }]),
    );
    await settle(endpoint.id, { versionId: second.versionId, version: 2, requestId: two.requestId });
    await settle(endpoint.id, undefined, "Version 3 cannot be served: broken");
    const detail = await getEndpoint(people.carol, people.project.slug, { name: endpoint.name });
    expect(detail.deployments).toMatchObject([
      { version: 2, endedAt: null, request: { number: two.number, approvedBy: ["Bob"], requestedBy: "Alice" } },
      { version: 1, endedAt: expect.any(String), request: { number: one.number } },
    ]);
    expect(detail.live).toMatchObject({ version: 2, request: { number: two.number, approvedBy: ["Bob"] } });
    const events = await prisma().auditEvent.findMany({ where: { subjectId: endpoint.id }, orderBy: { id: "asc" } });
    expect(events.map((event) => event.action)).toEqual([
      "endpoint.created",
      "endpoint.deployed",
      "endpoint.deployed",
      "endpoint.failed",
    ]);
    expect(events[2]?.summary).toBe(
      `${endpoint.name} serves version 2 in place of version 1, approved by Bob (request ${two.number})`,
    );
    await settle(endpoint.id, null);
    expect((await getEndpoint(people.carol, people.project.slug, { name: endpoint.name })).live).toBeNull();
  });

  test("never touches another project's endpoint", async () => {
    const { endpoint } = await modelWithEndpoint();
    expect(
      await settleEndpoint(platform, people.other.id, { endpointId: endpoint.id, live: null, problem: "spoilt" }),
    ).toEqual({ changed: false });
    expect((await prisma().endpoint.findUniqueOrThrow({ where: { id: endpoint.id } })).problem).toBeNull();
  });
});

describe("health", () => {
  const heartbeat = () =>
    prisma().worker.create({ data: { id: uuidv7(), host: "h", pid: 1, roles: ["serving"], version: "1", slots: 1 } });
  const health = async (name: string) => {
    const [listed] = await listEndpoints(people.carol, people.project.slug, {});
    const { health: state, reason } = await getEndpoint(people.carol, people.project.slug, { name });
    expect([listed?.health, listed?.reason]).toEqual([state, reason]);
    return [state, reason];
  };

  test("says in words what an endpoint does and why not", async () => {
    await prisma().worker.deleteMany();
    const { endpoint, ...version } = await modelWithEndpoint();
    expect(await health(endpoint.name)).toEqual(["down", expect.stringContaining("No serving process runs")]);
    const worker = await heartbeat();
    expect(await health(endpoint.name)).toEqual(["waiting", expect.stringContaining("no champion yet")]);
    const { requestId } = await crown(version, people.alice, people.bob);
    expect(await health(endpoint.name)).toEqual(["waiting", "The champion is being loaded."]);
    const live = { versionId: version.versionId, version: 1, requestId };
    await settleEndpoint(platform, people.project.id, { endpointId: endpoint.id, live, problem: null });
    expect(await health(endpoint.name)).toEqual(["live", null]);
    await settleEndpoint(platform, people.project.id, { endpointId: endpoint.id, problem: "Version 2 is broken." });
    expect(await health(endpoint.name)).toEqual(["failing", "Version 2 is broken. Version 1 goes on answering."]);
    await stopEndpoint(people.dave, people.project.slug, { name: endpoint.name, reason: "wrong units." });
    expect(await health(endpoint.name)).toEqual([
      "stopped",
      expect.stringMatching(/^The endpoint '.*' was stopped by Dave at .* UTC: wrong units\. It answers again when/),
    ]);
    expect((await intentOf(endpoint.id))?.plan.stopped).toContain("stopped by Dave");
    await resumeEndpoint(people.alice, people.project.slug, { name: endpoint.name });
    expect((await intentOf(endpoint.id))?.plan.stopped).toBeNull();
    await prisma().worker.update({ where: { id: worker.id }, data: { heartbeatAt: new Date(Date.now() - 60_000) } });
    expect((await health(endpoint.name))[0]).toBe("down");
  });

  test("stop and resume refuse what makes no sense", async () => {
    const { endpoint } = await modelWithEndpoint();
    const act = { name: endpoint.name };
    await expect(resumeEndpoint(people.alice, people.project.slug, act)).rejects.toMatchObject({ code: "conflict" });
    await stopEndpoint(people.alice, people.project.slug, act);
    await expect(stopEndpoint(people.alice, people.project.slug, act)).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("who may", () => {
  test("a viewer sees and changes nothing; strangers see nothing", async () => {
    const { endpoint, name } = await modelWithEndpoint();
    const own = people.project.slug;
    const act = { name: endpoint.name };
    expect(await getEndpoint(people.carol, own, act)).toMatchObject({ name: endpoint.name, model: name });
    expect((await getEndpointTraffic(people.carol, own, act)).total.requests).toBe(0);
    for (const refused of [
      () => stopEndpoint(people.carol, own, act),
      () => resumeEndpoint(people.bob, own, act),
      () => updateEndpoint(people.carol, own, { ...act, description: "x" }),
      () => createEndpoint(people.bob, own, { name: "mine", model: name }),
    ])
      await expect(refused()).rejects.toMatchObject({ code: "forbidden" });
    for (const hidden of [
      () => getEndpoint(people.eve, own, act),
      () => getEndpoint(people.eve, people.other.slug, act),
      () => getEndpointTraffic(people.eve, people.other.slug, act),
      () => stopEndpoint(people.eve, people.other.slug, act),
      () => updateEndpoint(people.eve, people.other.slug, act),
    ])
      await expect(hidden()).rejects.toMatchObject({ code: "not_found" });
    expect(await listEndpoints(people.eve, people.other.slug, {})).toEqual([]);
    expect(
      (await updateEndpoint(people.dave, own, { ...act, description: "For gates", latencyBudgetMs: 20 }))
        .latencyBudgetMs,
    ).toBe(20);
  });
});

describe("counts by the minute", () => {
  const latencies = (counts: Record<number, number>) => emptyLatencies().map((_, i) => counts[i] ?? 0);
  const stats = (endpointId: string, minute: number, change: object = {}) => ({
    endpointId,
    projectId: people.project.id,
    modelVersionId: uuidv7(),
    arm: "champion" as const,
    beside: "",
    minute,
    requests: 10,
    routed: 9,
    skipped: 0,
    byStatus: { 200: 7, 400: 2, 503: 1 },
    rows: 70,
    executions: 3,
    latencyCounts: latencies({ 20: 7 }),
    latencySumUs: 1,
    latencyMaxUs: 1,
    ...change,
  });

  test("add up over versions, processes and parts of a minute", async () => {
    const { endpoint } = await modelWithEndpoint();
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    const versionId = uuidv7();
    const [a, b] = [new MinuteCounts("a", log), new MinuteCounts("b", log)];
    const told = stats(endpoint.id, minute, { modelVersionId: versionId });
    await a.keep([told, told], new Map([[`${endpoint.id} ${versionId}`, 5]]));
    await a.keep([told], new Map());
    await b.keep([stats(endpoint.id, minute - 60_000)], new Map());
    await b.keep([stats(uuidv7(), minute)], new Map());
    expect([a.waiting, b.waiting]).toEqual([0, 0]);
    const traffic = await getEndpointTraffic(people.carol, people.project.slug, { name: endpoint.name });
    expect(traffic.total).toMatchObject({ requests: 40, rows: 280, refused: 8, failed: 4, logDropped: 5 });
    expect(traffic.total.p50Ms).toBeCloseTo(0.283, 1);
    expect(traffic.points).toHaveLength(60);
    expect(traffic.points.slice(-2)).toMatchObject([
      { at: minute - 60_000, requests: 10 },
      { at: minute, requests: 30 },
    ]);
    const [summary] = await listEndpoints(people.carol, people.project.slug, {});
    expect(summary?.lastHour).toEqual(traffic.total);
    expect(summary?.minutes.slice(-2)).toEqual([10, 30]);
    const month = await getEndpointTraffic(people.carol, people.project.slug, { name: endpoint.name, span: "month" });
    expect(month.total).toEqual(traffic.total);
    expect(month.to - month.from).toBe(30 * 86_400_000);
  });
});

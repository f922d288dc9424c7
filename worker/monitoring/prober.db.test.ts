import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { accessTo, actorOfToken } from "#server/identity/index.ts";
import { pool, prisma } from "#server/platform/db.ts";
import { log } from "#server/platform/log.ts";
import { registerOnnx } from "#server/platform/testing/champions.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import {
  createEndpoint,
  forgetProbes,
  getAvailability,
  listEndpoints,
  recordProbes,
  stopEndpoint,
} from "#server/serving/index.ts";
import { Prober } from "./prober.ts";

testDatabase();
vi.setConfig({ testTimeout: 60_000 });

let people: Awaited<ReturnType<typeof somePeople>>;
let project: string;
const ids = new Map<string, string>();
/** Which endpoint was asked with which token. */
const asked: { path: string; token: string }[] = [];
const server = createServer((request, response) => {
  const path = request.url ?? "";
  asked.push({ path, token: (request.headers.authorization ?? "").replace("Bearer ", "") });
  if (path.includes("broken")) response.writeHead(503).end('{"error":"its model cannot be loaded"}');
  else if (!path.includes("silent")) response.writeHead(200).end('{"ready":true}');
});
let url = "";

beforeAll(async () => {
  people = await somePeople();
  project = people.project.id;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const name of ["good", "broken", "silent", "stopped", "new"]) {
    const { modelId, versionId } = await registerOnnx(people.alice, project, name);
    await createEndpoint(people.alice, project, { name, model: name });
    const { id } = await prisma().endpoint.findFirstOrThrow({ where: { projectId: project, modelId } });
    ids.set(name, id);
    if (name !== "new") await prisma().endpointDeployment.create({ data: { endpointId: id, versionId, version: 1 } });
  }
  await stopEndpoint(people.alice, project, { name: "stopped", reason: "repairs" });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test("one process of several probes in a half minute, with a token of the platform that can do nothing else", async () => {
  const probers = [new Prober(log, url), new Prober(log, url), new Prober(log, url)];
  const rounds = await Promise.all(probers.map((prober) => prober.look()));
  const made = rounds.filter((round) => round !== null);
  expect(made).toHaveLength(1);
  const found = new Map(made[0]?.map(({ endpointId, found: what, text }) => [endpointId, { what, text }]));
  const of = (name: string) => found.get(ids.get(name) ?? "");
  expect(of("good")?.what).toMatch(/ok|slow/);
  expect(of("broken")).toEqual({ what: "failed", text: '503: {"error":"its model cannot be loaded"}' });
  expect(of("silent")).toMatchObject({
    what: "failed",
    text: expect.stringContaining("no answer within 5 s") as string,
  });
  expect(of("stopped")?.what).toBe("excluded");
  expect(of("new")?.what).toBe("excluded");
  expect(asked.map(({ path }) => path).sort()).toEqual(
    ["broken", "good", "silent"].map((name) => `/v2/models/${name}/ready`),
  );

  const actor = await actorOfToken(asked[0]?.token ?? "");
  if (!actor) throw new Error("the token of a probe is none");
  expect((await accessTo(prisma(), actor, project)).scopes).toEqual(["serving:predict"]);
  await expect(accessTo(prisma(), actor, people.other.id)).rejects.toMatchObject({ code: "not_found" });

  const broken = await getAvailability(people.carol, project, { name: "broken" });
  expect(broken).toMatchObject({
    failed: 1,
    uptime: 0,
    lastFailure: { text: '503: {"error":"its model cannot be loaded"}' },
  });
  const listed = await listEndpoints(people.carol, project, {});
  expect(listed.find(({ name }) => name === "stopped")?.availability).toMatchObject({ excluded: 1, uptime: null });
  await expect(getAvailability(people.eve, people.other.id, { name: "broken" })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("probes add up by the hour, are forgotten after 90 days, and go with their endpoint", async () => {
  const endpointId = ids.get("good") ?? "";
  const at = new Date("2026-11-01T10:59:59Z");
  await pool().query("delete from endpoint_probe_hours");
  for (const found of ["ok", "slow", "ok", "failed"] as const)
    await recordProbes([{ endpointId, found, text: found === "failed" ? "no" : null }], at);
  await recordProbes([{ endpointId: people.alice.userId, found: "ok", text: null }], at);
  const rows = await prisma().endpointProbeHour.findMany();
  expect(rows).toMatchObject([{ endpointId, ok: 2, slow: 1, failed: 1, excluded: 0, failure: "no", failedAt: at }]);
  expect(rows[0]?.hour.toISOString()).toBe("2026-11-01T10:00:00.000Z");
  await recordProbes([{ endpointId, found: "ok", text: null }], new Date(Date.now() - 91 * 86_400_000));
  await forgetProbes();
  expect(await prisma().endpointProbeHour.count()).toBe(1);
  await prisma().endpoint.delete({ where: { id: endpointId } });
  expect(await prisma().endpointProbeHour.count()).toBe(0);
});

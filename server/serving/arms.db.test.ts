import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemActor } from "#server/identity/index.ts";
import { prisma } from "#server/platform/db.ts";
import { crown, registerOnnx, type Registered } from "#server/platform/testing/champions.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import path from "node:path";
import { followChampion } from "./follow-champion.ts";
import {
  changeArm,
  changeLogRules,
  dealAnew,
  endArm,
  getArmReport,
  getEndpoint,
  getPrediction,
  ensurePartitions,
  listArms,
  readIntents,
  readTrafficWindow,
  setFallback,
  settleEndpoint,
  startArm,
} from "./index.ts";
import { redactionOf } from "./redaction.ts";
import { type ThreeVersions, threeVersions, writePredictions } from "./testing/three-versions.ts";
import type { PredictionRecord } from "./records-contract.ts";

testDatabase();

const platform = systemActor("test");
let people: Awaited<ReturnType<typeof somePeople>>;
let staged: ThreeVersions;
let name: string;
let endpointId: string;
/** Champion, approved, and not approved. */
let first: Registered;
let second: Registered;
let third: Registered;

beforeAll(async () => {
  people = await somePeople();
  await ensurePartitions();
});
beforeEach(async () => {
  staged = await threeVersions(people);
  ({ name, endpointId, first, second, third } = staged);
});

const version = (file?: string) => registerOnnx(platform, people.project.id, name, file);
const own = () => people.project.slug;
const start = (change: object, actor = people.alice) =>
  startArm(actor, own(), { name, kind: "canary", version: 2, share: 0.1, ...change } as never);
const intent = async () => (await readIntents()).find((one) => one.endpoint === name);
const planned = async () => (await intent())?.plan.arms.map((arm) => [arm.kind, arm.entry.version, arm.share]);

describe("arms", () => {
  test("start, grow and end, each of it audited, and are in the plan meanwhile", async () => {
    const arm = await start({});
    expect(arm).toMatchObject({
      kind: "canary",
      version: 2,
      share: 0.1,
      state: "running",
      request: { approvedBy: ["Bob"] },
    });
    const shadow = await start({ kind: "shadow", version: 3, share: undefined });
    expect(shadow).toMatchObject({ kind: "shadow", share: 0, request: null });
    expect(await planned()).toEqual([
      ["champion", 1, 1],
      ["canary", 2, 0.1],
      ["shadow", 3, 0],
    ]);
    const grown = await changeArm(people.dave, own(), { name, id: arm.id, share: 0.5 });
    expect(grown.shareSince > arm.shareSince).toBe(true);
    expect((await changeArm(people.dave, own(), { name, id: arm.id, share: 0.5 })).shareSince).toBe(grown.shareSince);
    expect((await getEndpoint(people.carol, own(), { name })).arms.map((one) => one.version)).toEqual([2, 3]);
    const ended = await endArm(people.alice, own(), { name, id: arm.id, reason: "too slow" });
    expect(ended).toMatchObject({ state: "ended", endReason: "too slow" });
    expect(await planned()).toEqual([
      ["champion", 1, 1],
      ["shadow", 3, 0],
    ]);
    await expect(endArm(people.alice, own(), { name, id: arm.id })).rejects.toMatchObject({ code: "conflict" });
    expect((await listArms(people.carol, own(), { name })).map((one) => [one.version, one.state])).toEqual([
      [3, "running"],
      [2, "ended"],
    ]);
    const events = await prisma().auditEvent.findMany({ where: { subjectId: endpointId }, orderBy: { id: "asc" } });
    expect(events.slice(2).map((event) => event.summary)).toEqual([
      `Alice started version 2 as canary of ${name} with 10 % of the requests`,
      `Alice started version 3 as shadow of ${name}`,
      `Dave changed the canary of version 2 of ${name} from 10 % to 50 %`,
      `Alice ended the canary of version 2 of ${name}: too slow`,
    ]);
  });

  test("are refused with the reason and the remedy", async () => {
    const regression = await version(path.join(import.meta.dirname, "../registry/fixtures/regression.onnx"));
    const refusals: [object, string, string][] = [
      [{ version: 9 }, "not_found", "no version 9"],
      [{ version: 1 }, "conflict", "is the champion"],
      [{ version: 3 }, "conflict", "Version 3 may not answer: no approved promotion request names it"],
      [{ kind: "shadow", version: regression.version, share: undefined }, "invalid_input", "does not fit the traffic"],
      [{ share: 0 }, "invalid_input", "share: A share is at least"],
      [{ share: undefined }, "invalid_input", "share: Say which share"],
      [{ kind: "ab", share: 1 }, "invalid_input", "An A/B leaves something"],
      [{ kind: "shadow", share: 0.5 }, "invalid_input", "A shadow answers nobody"],
    ];
    for (const [change, code, message] of refusals)
      await expect(start(change), message).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    const arm = await start({ kind: "ab", share: 0.5 });
    await expect(start({})).rejects.toMatchObject({ message: expect.stringContaining("takes part") });
    await expect(changeArm(people.alice, own(), { name, id: arm.id, share: 0.2 })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("fixed while it runs"),
      place: { remedy: expect.stringContaining("End it") },
    });
    await crown(third, people.alice, people.bob);
    await crown(first, people.alice, people.bob);
    await expect(start({ version: 3 })).rejects.toMatchObject({
      message: expect.stringContaining("has an A/B of version 2 already"),
    });
  });

  test("of several that start at once one runs", async () => {
    await crown(third, people.alice, people.bob);
    await crown(first, people.alice, people.bob);
    const results = await Promise.allSettled([start({}), start({ version: 3 }), start({ kind: "ab" })]);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
  });

  test("that somebody wrote into the database answer nobody, and the page says so", async () => {
    await prisma().endpointArm.create({
      data: { endpointId, versionId: third.versionId, version: 3, kind: "canary", share: 1, startedBy: "nobody" },
    });
    expect(await planned()).toEqual([["champion", 1, 1]]);
    const refused = (await intent())?.refused ?? [];
    expect(refused[0]?.problem).toContain(
      "Version 3 is to answer as canary, but no approved promotion request names it",
    );
    await settleEndpoint(platform, people.project.id, { endpointId, problem: null, arms: [...refused] });
    const [arm] = await listArms(people.carol, own(), { name });
    expect(arm).toMatchObject({ state: "failing", problem: expect.stringContaining("no approved promotion request") });
    const failed = await prisma().auditEvent.count({ where: { subjectId: endpointId, action: "endpoint.arm-failed" } });
    expect(failed).toBe(1);
  });

  test("end when their version becomes champion, and an A/B when its champion is replaced", async () => {
    const arm = await start({ kind: "ab", share: 0.5 });
    await crown(second, people.alice, people.bob);
    expect(await planned()).toEqual([["champion", 2, 1]]);
    await followChampion(second);
    expect((await listArms(people.carol, own(), { name })).find((one) => one.id === arm.id)).toMatchObject({
      state: "ended",
      endReason: "Version 2 became champion.",
    });
    const back = await start({ kind: "ab", share: 0.5, version: 1 });
    await crown(third, people.alice, people.bob);
    await followChampion(third);
    expect((await listArms(people.carol, own(), { name })).find((one) => one.id === back.id)?.endReason).toContain(
      "Version 3 became champion",
    );
  });

  test("are changed by those who may, and seen by nobody of another project", async () => {
    const arm = await start({});
    const at = { name, id: arm.id };
    for (const refused of [
      () => start({}, people.carol),
      () => changeArm(people.bob, own(), { ...at, share: 1 }),
      () => endArm(people.carol, own(), at),
      () => dealAnew(people.carol, own(), { name }),
      () => setFallback(people.bob, own(), { name, fallback: null }),
      () => changeLogRules(people.carol, own(), { name, share: 0 }),
    ])
      await expect(refused()).rejects.toMatchObject({ code: "forbidden" });
    for (const hidden of [
      () => listArms(people.eve, people.other.slug, { name }),
      () => endArm(people.eve, people.other.slug, at),
      () => getArmReport(people.eve, people.other.slug, at),
      () => setFallback(people.eve, people.other.slug, { name, fallback: null }),
    ])
      await expect(hidden()).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("an endpoint's rules", () => {
  test("a fallback states every output as the champion would give it", async () => {
    const good = { label: "no", probabilities: [0.8, 0.2] };
    expect(await setFallback(people.alice, own(), { name, fallback: good })).toEqual({ name, fallback: good });
    expect((await intent())?.plan.fallback).toEqual(good);
    const wrongs: [object, string][] = [
      [{ label: "no" }, "fallback.probabilities: it is missing"],
      [{ ...good, more: 1 }, "fallback.more: the champion has no such output"],
      [{ ...good, label: "maybe" }, "fallback.label: one of the classes no, yes"],
      [{ ...good, probabilities: [1] }, "fallback.probabilities: 2 values for a row, not 1"],
      [{ ...good, probabilities: [0.5, "x"] }, "fallback.probabilities[1]: a number is expected (FP32)"],
      [{ ...good, probabilities: [1.5, -0.5] }, "fallback.probabilities: a probability lies from 0 to 1"],
      [
        { ...good, probabilities: [0.25, 0.5] },
        "fallback.probabilities: the probabilities of all classes add up to 1; these to 0.75",
      ],
    ];
    for (const [fallback, message] of wrongs)
      await expect(setFallback(people.alice, own(), { name, fallback } as never)).rejects.toMatchObject({
        code: "invalid_input",
        message: expect.stringContaining(message),
      });
    const all = { label: "maybe", probabilities: ["x", 0.5], more: 1 };
    await expect(setFallback(people.alice, own(), { name, fallback: all })).rejects.toMatchObject({
      place: {
        issues: [
          { field: "fallback.more" },
          { field: "fallback.label" },
          { field: "fallback.probabilities[0]", message: "a number is expected (FP32)" },
        ],
      },
    });
    await setFallback(people.alice, own(), { name, fallback: null });
    expect((await intent())?.plan.fallback).toBeNull();
  });

  test("another salt deals anew, and comparisons begin again", async () => {
    const arm = await start({});
    const before = (await intent())?.plan.salt;
    await dealAnew(people.alice, own(), { name });
    expect((await intent())?.plan.salt).not.toBe(before);
    const [now] = await listArms(people.carol, own(), { name });
    expect((now?.shareSince ?? "") > arm.shareSince).toBe(true);
  });

  test("what the log leaves out is left out everywhere it is read, and named", async () => {
    await expect(changeLogRules(people.alice, own(), { name, redaction: { nonsense: "drop" } })).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining("redaction.nonsense"),
    });
    const misspelt = { name, redactions: { city: "drop" } };
    await expect(changeLogRules(people.alice, own(), misspelt)).rejects.toMatchObject({ code: "invalid_input" });
    const rules = { share: 0.5, redaction: { count: "drop", city: "hash" } } as const;
    expect(await changeLogRules(people.alice, own(), { name, ...rules })).toEqual(rules);
    const plan = (await intent())?.plan;
    expect(plan?.log).toEqual(rules);
    const signature = plan?.arms[0]?.entry.signature;
    const redaction = signature && redactionOf(endpointId, signature, rules);
    const hashed = redaction?.texts?.[0]?.("Oslo") ?? null;
    await write([{ predictionId: "r1", hidden: redaction?.hidden ?? null, categories: [hashed] }]);
    const found = await getPrediction(people.alice, own(), { name, id: "r1" });
    expect(found.features).toEqual([
      { name: "size", value: 0.5 },
      { name: "count", value: null },
      { name: "flag", value: 1 },
      { name: "city", value: hashed },
    ]);
    const day = 86_400_000;
    const window = await readTrafficWindow(endpointId, new Date(Date.now() - day), new Date(Date.now() + day));
    expect([...window.redacted].sort()).toEqual(["city", "count"]);
    expect([window.logShare, window.numbers["count"]?.[0], window.numbers["size"]?.[0]]).toEqual([
      0.5,
      Number.NaN,
      0.5,
    ]);
  });
});

const write = (records: readonly Partial<PredictionRecord>[]) => writePredictions(people.project.id, staged, records);

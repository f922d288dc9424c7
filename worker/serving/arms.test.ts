import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Caller } from "#server/serving/contract.ts";
import { bucketsOf, isDealt } from "./router.ts";
import { columnsInputs, fixtureEntry } from "./testing/fixture.ts";
import { besideChampion, endpointPlan, servingPlan } from "./testing/plan.ts";
import { type Answer, sendTogether, serve, type TestServing } from "./testing/serve.ts";

const INFER = "/v2/models/columns/infer";
const champion = fixtureEntry("columns");
const second = fixtureEntry("columns", { modelVersionId: "second", version: 4 });
const third = fixtureEntry("columns", { modelVersionId: "third", version: 5 });
const { salt } = endpointPlan(champion);
const caller: Caller = { id: "token-1", ratePerSecond: null, rowsPerDay: null };
let serving: TestServing;
beforeAll(async () => {
  serving = await serve(
    { columns: champion },
    // A busy machine is no reason for a shadow to leave rows out here.
    { authenticate: (token) => (token === "good" ? caller : "unauthenticated"), limits: { lateMs: 60_000 } },
  );
});
afterAll(() => serving.stop());

const apply = (change: Parameters<typeof endpointPlan>[1]) =>
  serving.applyPlan(servingPlan({ columns: endpointPlan(champion, change) }));
const ask = (change: object = {}, path = INFER, rows = 1) =>
  serving.call(path, { inputs: columnsInputs(rows), ...change });
const by = (key: unknown) => ask({ parameters: { entity_key: key } });
const armOf = ({ body }: { body: Answer }) => (body.parameters as unknown as { arm: string }).arm;
/** A key that the canary of this share gets, and one that it does not. */
function keysOf(share: number): { inside: string; outside: string } {
  const keys = Array.from({ length: 1000 }, (_, i) => `customer-${i}`);
  const find = (wanted: boolean) => keys.find((key) => isDealt(salt, key, bucketsOf(share)) === wanted) ?? "";
  return { inside: find(true), outside: find(false) };
}

describe("a canary", () => {
  it("answers its share of the keys, the same ones each time, and says so", async () => {
    await apply({ beside: [besideChampion("canary", 0.3, second)] });
    const { inside, outside } = keysOf(0.3);
    for (let i = 0; i < 3; i += 1) {
      expect(await by(inside)).toMatchObject({
        body: { model_version: "4", parameters: { arm: "canary", version: "4" } },
      });
      expect(await by(outside)).toMatchObject({ body: { model_version: "3", parameters: { arm: "champion" } } });
    }
    const plain = await serving.call("/v2/models/columns/predict", {
      features: { size: 1, count: 2, flag: true, city: "Oslo" },
      entity_key: inside,
    });
    expect(plain.body).toMatchObject({ version: "4", arm: "canary" });
    const split = { columns: ["size", "count", "flag", "city"], data: [[1, 2, true, "Oslo"]] };
    const mlflow = await serving.call(
      "/endpoints/columns/invocations",
      { dataframe_split: split },
      { headers: { "x-entity-key": inside } },
    );
    expect(mlflow.body).toMatchObject({ model_version: "4", arm: "canary" });
    expect((await serving.call("/v2/models/columns")).body).toMatchObject({ versions: ["3", "4"] });
  });

  it("is dealt requests without a key by their id", async () => {
    const { inside, outside } = keysOf(0.3);
    expect(armOf(await ask({ id: inside }))).toBe("canary");
    expect(armOf(await ask({ id: outside }))).toBe("champion");
    const bodies = Array.from({ length: 600 }, () => ({ inputs: columnsInputs() }));
    const arms = (await sendTogether(serving, INFER, bodies)).map(armOf);
    const got = arms.filter((arm) => arm === "canary").length;
    expect(Math.abs(got - 180), `${got} of 600`).toBeLessThan(4 * Math.sqrt(600 * 0.3 * 0.7));
  });

  it("is dealt a request of several entities only when all of them are its own, and then out of the comparison", async () => {
    const { inside, outside } = keysOf(0.3);
    const both = await ask({ parameters: { entity_key: [inside, outside] } }, INFER, 2);
    expect([both.status, armOf(both)]).toEqual([200, "champion"]);
    expect(armOf(await ask({ parameters: { entity_key: [inside, inside] } }, INFER, 2))).toBe("canary");
    await expect
      .poll(() => serving.predictions.slice(-4).map((p) => [p.entityKey, p.routed]))
      .toEqual([
        [inside, false],
        [outside, false],
        [inside, true],
        [inside, true],
      ]);
    expect((await ask({ parameters: { entity_key: [inside] } }, INFER, 2)).body.error).toContain(
      "entity_key: expected",
    );
    expect((await by("")).body.error).toContain("parameters.entity_key: expected a text");
    expect((await by({})).status).toBe(400);
  });

  it("that grows keeps whom it has", async () => {
    const { inside } = keysOf(0.05);
    for (const share of [0.05, 0.3, 1]) {
      expect((await apply({ beside: [besideChampion("canary", share, second)] }))[0]?.state).toBe("unchanged");
      expect(armOf(await by(inside)), `${share}`).toBe("canary");
    }
    await apply({});
    expect(armOf(await by(inside))).toBe("champion");
  });

  it("that cannot be loaded leaves its share to the champion, and the plan's result says why", async () => {
    const broken = fixtureEntry("columns", { modelVersionId: "broken", version: 9, sha256: "no" });
    const [result] = await apply({ beside: [besideChampion("canary", 1, broken)] });
    expect(result).toMatchObject({
      state: "unchanged",
      arms: [{ armId: "arm-broken", problem: expect.stringContaining("not the one that was registered") }],
    });
    expect(await ask()).toMatchObject({ status: 200, body: { model_version: "3" } });
  });
});

describe("a version that is asked for", () => {
  const version = (v: number) => ask({}, `/v2/models/columns/versions/${v}/infer`);
  it("answers when it is one that may, outside of the split", async () => {
    await apply({ beside: [besideChampion("ab", 0.5, second), besideChampion("shadow", 0, third)] });
    serving.predictions.length = 0;
    for (const v of [3, 4]) expect((await version(v)).body.model_version).toBe(String(v));
    await expect
      .poll(() => serving.predictions.map((p) => [p.arm, p.routed]))
      .toEqual([
        [0, false],
        [2, false],
      ]);
    expect((await version(5)).body.error).toBe(
      "Version 5 of 'columns' is a shadow, which answers nobody; versions 3 and 4 are live.",
    );
    expect((await version(7)).status).toBe(404);
  });
});

describe("shadows", () => {
  it("score what was answered, under the same ids, whoever answered, and are counted apart", async () => {
    await apply({ beside: [besideChampion("canary", 0.5, second), besideChampion("shadow", 0, third)] });
    serving.predictions.length = serving.shadows.length = 0;
    const bodies = Array.from({ length: 40 }, (_, i) => ({ id: `s${i}`, inputs: columnsInputs(1 + (i % 3)) }));
    const answers = await sendTogether(serving, INFER, bodies);
    expect(new Set(answers.map(armOf))).toEqual(new Set(["champion", "canary"]));
    await expect.poll(() => serving.shadows.length).toBe(serving.predictions.length);
    const said = new Map(serving.shadows.map((row) => [row.predictionId, row]));
    for (const row of serving.predictions)
      expect(said.get(row.predictionId)).toMatchObject({
        label: row.label,
        armId: "arm-third",
        modelVersionId: "third",
      });
    const text = String((await serving.call("/metrics")).body["text"]);
    expect(text).toMatch(/touchstone_inference_count\{endpoint="columns",version="5",arm="shadow"\} \d+/);
    expect(text).not.toMatch(/request_success\{endpoint="columns",version="5",arm="shadow"\} [1-9]/);
  });

  it("that fall behind let rows pass and count them; the answer is the same", async () => {
    await apply({ beside: [besideChampion("shadow", 0, third)] });
    const before = serving.shadows.length;
    // More rows than may wait for a shadow.
    const { status } = await ask({}, INFER, 1500);
    expect(status).toBe(200);
    await sleep(50);
    expect(serving.shadows.length).toBe(before);
    const text = String((await serving.call("/metrics")).body["text"]);
    expect(text).toMatch(/shadow_skipped\{endpoint="columns",version="5",arm="shadow"\} 1500/);
  });
});

describe("the log", () => {
  it("keeps the same share of champion and shadow, and hides what the rules hide", async () => {
    await apply({
      log: { share: 0.4, redaction: { size: "drop", city: "hash" } },
      beside: [besideChampion("shadow", 0, third)],
    });
    serving.predictions.length = serving.shadows.length = 0;
    const bodies = Array.from({ length: 300 }, () => ({ inputs: columnsInputs() }));
    await sendTogether(serving, INFER, bodies);
    await expect.poll(() => serving.shadows.length).toBe(serving.predictions.length);
    expect(Math.abs(serving.predictions.length - 120)).toBeLessThan(40);
    expect(serving.shadows.map((row) => row.predictionId).sort()).toEqual(
      serving.predictions.map((row) => row.predictionId).sort(),
    );
    const [row] = serving.predictions;
    expect([...(row?.hidden ?? [])]).toEqual([1, 0, 0]);
    expect(row?.categories[0]).toMatch(/^hmac-sha256:[0-9a-f]{32}$/);
    expect(new Set(serving.predictions.map((p) => p.categories[0])).size).toBe(1);
    expect(row?.caller).toBe("token-1");
  });

  it("keeps every request that failed, with the body unless a column is hidden", async () => {
    serving.errors.length = 0;
    await apply({ log: { share: 0, redaction: {} }, beside: [besideChampion("canary", 1, second)] });
    const wrong = { inputs: [{ name: "nonsense" }], parameters: { entity_key: "customer-1" } };
    await serving.call(INFER, wrong);
    await serving.call(INFER, "{");
    await serving.call(INFER, wrong, { headers: { authorization: "Bearer bad" } });
    expect(serving.errors).toMatchObject([
      { status: 400, arm: 1, entityKey: "customer-1", caller: "token-1", body: JSON.stringify(wrong), routed: true },
      { status: 400, arm: null, body: "{" },
    ]);
    await apply({ log: { share: 1, redaction: { city: "drop" } } });
    await serving.call(INFER, "{");
    expect(serving.errors.at(-1)).toMatchObject({ body: null });
  });
});

describe("a fallback", () => {
  const fallback = { label: "no", probabilities: [0.9, 0.1] };
  it("answers in every form, marked, while the endpoint is stopped or its champion is broken", async () => {
    await apply({ stopped: "The endpoint was stopped.", fallback });
    const answer = await ask({ id: "f" }, INFER, 2);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        id: "f",
        parameters: { arm: "fallback", fallback: true },
        outputs: [
          { name: "label", shape: [2], data: ["no", "no"] },
          { name: "probabilities", shape: [2, 2] },
        ],
      },
    });
    expect(answer.body.outputs?.[1]?.data.map((p) => Math.round(Number(p) * 10))).toEqual([9, 1, 9, 1]);
    expect(answer.headers.get("x-touchstone-fallback")).toBe("true");
    const plain = await serving.call("/v2/models/columns/predict", {
      features: { size: 1, count: 2, flag: true, city: "Oslo" },
    });
    expect(plain.body).toMatchObject({ arm: "fallback", fallback: true, predictions: [{ label: "no" }] });
    expect((await serving.call(INFER, { inputs: [] })).status, "what is wrong stays wrong").toBe(400);
    const broken = fixtureEntry("columns", { endpointId: "e2", modelVersionId: "b", sha256: "no" });
    await serving.applyPlan(servingPlan({ broken: endpointPlan(broken, { fallback }) }));
    expect(await ask({}, "/v2/models/broken/infer")).toMatchObject({ body: { parameters: { fallback: true } } });
    await serving.applyPlan(servingPlan({ broken: endpointPlan(broken) }));
    expect((await ask({}, "/v2/models/broken/infer")).status).toBe(503);
  });
});

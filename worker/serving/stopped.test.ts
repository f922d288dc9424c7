import { afterAll, beforeAll, expect, it } from "vitest";
import type { Access, Target } from "#server/serving/contract.ts";
import { columnsInputs, fixtureEntry } from "./testing/fixture.ts";
import { endpointPlan, servingPlan } from "./testing/plan.ts";
import { serve, type TestServing } from "./testing/serve.ts";

let serving: TestServing;
const targets: (Target | null)[] = [];
let access: Access = "allowed";
beforeAll(async () => {
  serving = await serve(
    { columns: fixtureEntry("columns") },
    {
      authenticate: (_, __, target) => {
        targets.push(target);
        return access;
      },
    },
  );
});
afterAll(() => serving.stop());

const INFER = "/v2/models/columns/infer";
const body = { inputs: columnsInputs() };
const stopped = "The endpoint 'columns' was stopped by Dave: wrong units.";
const apply = (change: Parameters<typeof endpointPlan>[1]) =>
  serving.applyPlan(servingPlan({ columns: endpointPlan(fixtureEntry("columns"), change) }));

it("a stopped endpoint says why, still takes outcomes, and goes on without a new load", async () => {
  expect((await apply({ stopped }))[0]?.state).toBe("unchanged");
  const refused = await serving.call(INFER, body);
  expect([refused.status, refused.body.error]).toEqual([503, stopped]);
  expect(refused.headers.get("retry-after")).toBe("60");
  expect((await serving.call("/v2/models/columns/ready")).body).toEqual({ name: "columns", ready: false });
  expect((await serving.call("/v2/models/columns")).status).toBe(200);
  const outcomes = { outcomes: [{ id: "a", label: "yes" }] };
  expect((await serving.call("/v2/models/columns/outcomes", outcomes)).status).toBe(200);
  expect((await apply({}))[0]?.state).toBe("unchanged");
  expect((await serving.call(INFER, body)).status).toBe(200);
});

it("an endpoint whose version cannot be loaded is hidden from strangers too", async () => {
  const broken = fixtureEntry("lookup", { sha256: "no" });
  await serving.applyPlan(servingPlan({ broken }));
  targets.length = 0;
  expect((await serving.call("/v2/models/broken/infer", body)).status).toBe(503);
  access = "hidden";
  const answer = await serving.call("/v2/models/broken/infer", body);
  expect([answer.status, answer.body.error]).toEqual([404, "There is no live endpoint named 'broken'."]);
  expect(targets.map((target) => target?.projectId)).toEqual(["project-1", "project-1"]);
});

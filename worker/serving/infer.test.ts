import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { columnsInputs, facts, fixtureEntry } from "./testing/fixture.ts";
import { sendTogether, serve, type TestServing } from "./testing/serve.ts";

let serving: TestServing;
beforeAll(async () => {
  serving = await serve({ columns: fixtureEntry("columns"), price: fixtureEntry("regression") });
});
afterAll(() => serving.stop());

const INFER = "/v2/models/columns/infer";
const expected = facts.columns.answers.outputs;
const infer = (body: unknown) => serving.call(INFER, body);

/** The body of a good request with one tensor changed. */
function changed(at: number, change: Record<string, unknown>, rows = 1): object {
  return { inputs: columnsInputs(rows).map((tensor, i) => (i === at ? { ...tensor, ...change } : tensor)) };
}
async function error(body: unknown): Promise<string | undefined> {
  const answer = await infer(body);
  expect(answer.status).toBe(400);
  expect(Object.keys(answer.body)).toEqual(["error"]);
  return answer.body.error;
}

describe("a prediction", () => {
  it("answers one row as the protocol says", async () => {
    const { status, body } = await infer({ id: "my-1", inputs: columnsInputs() });
    expect(status).toBe(200);
    expect(body).toEqual({
      model_name: "columns",
      model_version: "3",
      id: "my-1",
      parameters: { prediction_ids: ["my-1"], arm: "champion", version: "3" },
      outputs: [
        { name: "label", shape: [1], datatype: "BYTES", data: [expected["label"]?.[0]] },
        { name: "probabilities", shape: [1, 2], datatype: "FP32", data: expect.any(Array) },
      ],
    });
    const given = body.outputs?.[1]?.data ?? [];
    expected["probabilities"]?.slice(0, 2).forEach((p, i) => expect(given[i]).toBeCloseTo(Number(p), 6));
  });

  it("answers several rows, nested or flat, in any order of inputs, also by version", async () => {
    const flat = columnsInputs(4).reverse();
    const nested = flat.map((t) => ({ ...t, data: (t["data"] as unknown[]).map((v) => [v]) }));
    for (const inputs of [flat, nested]) {
      const { body } = await serving.call("/v2/models/columns/versions/3/infer", { inputs });
      expect(body.outputs?.[0]?.data).toEqual(expected["label"]);
      expect(body.outputs?.[1]?.shape).toEqual([4, 2]);
      expect(body.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
      expect(body.parameters?.prediction_ids).toEqual([0, 1, 2, 3].map((i) => `${body.id}:${i}`));
    }
  });

  it("gives the requested outputs only, in the order asked", async () => {
    const { body } = await infer({ inputs: columnsInputs(), outputs: [{ name: "probabilities" }] });
    expect(body.outputs?.map((o) => o.name)).toEqual(["probabilities"]);
    const both = await infer({ inputs: columnsInputs(), outputs: [{ name: "probabilities" }, { name: "label" }] });
    expect(both.body.outputs?.map((o) => o.name)).toEqual(["probabilities", "label"]);
  });

  it("takes a tensor of several columns", async () => {
    const inputs = [{ name: "x", datatype: "FP64", shape: [2, 3], data: facts.regression.answers.rows["x"] }];
    const { body } = await serving.call("/v2/models/price/infer", { inputs });
    expect(body.outputs).toEqual([
      { name: "variable", shape: [2, 1], datatype: "FP64", data: facts.regression.answers.outputs["variable"] },
    ]);
  });

  it("takes more rows than one run holds, and every row gets its own answer", async () => {
    const { body } = await infer({ inputs: columnsInputs(1001) });
    const labels = expected["label"] ?? [];
    expect(body.outputs?.[0]?.data).toEqual(Array.from({ length: 1001 }, (_, i) => labels[i % 4]));
    expect(body.outputs?.[1]?.shape).toEqual([1001, 2]);
  });
});

describe("the exact place of what is wrong", () => {
  it("is a value", async () => {
    const row = (value: unknown) => changed(0, { data: [0.5, value, 1], shape: [3, 1] }, 3);
    expect(await error(row("abc"))).toBe(
      "inputs[0].data[1]: expected a finite number, got \"abc\"; send every value of 'size' as a JSON number",
    );
    expect(await error(row(null))).toContain("inputs[0].data[1]: expected a finite number, got null");
    expect(await error(row(1e39))).toContain(
      "inputs[0].data[1]: expected a finite number (FP32 reaches 3.4e38), got 1e+39",
    );
    expect(await error(changed(1, { data: [1.5] }))).toContain("inputs[1].data[0]: expected a whole number");
    expect(await error(changed(1, { data: [2 ** 60] }))).toContain("2^53");
    expect(await error(changed(2, { data: [1] }))).toContain("inputs[2].data[0]: expected true or false, got 1");
    expect(await error(changed(3, { data: [7] }))).toContain("inputs[3].data[0]: expected a string, got 7");
    expect(await error(changed(0, { data: [[0.5], ["x"]], shape: [2, 1] }, 2))).toContain(
      'inputs[0].data[1][0]: expected a finite number, got "x"',
    );
  });

  it("is a NaN or Infinity, which JSON does not have", async () => {
    const text = JSON.stringify({ inputs: columnsInputs(3) });
    const withToken = (token: string) =>
      text.replace(/"data":\[[^,]*,[^,]*,/, (head) => head.replace(/[^,]*,$/, `${token},`));
    expect(await error(withToken("NaN"))).toContain("inputs[0].data[1]: expected a finite number, got NaN");
    expect(await error(withToken("-Infinity"))).toContain("inputs[0].data[1]: expected a finite number, got -Infinity");
    expect(await error(withToken("1e999"))).toContain(
      "inputs[0].data[1]: expected a finite number (FP32 reaches 3.4e38), got Infinity",
    );
    expect(await error('{"inputs": [')).toContain("not valid JSON");
    expect(await error('{"id": "NaN", "inputs": NaN}')).toContain("inputs: expected a finite number, got NaN");
  });

  it("is a name, a type, a shape, or a count", async () => {
    expect(await error(changed(3, { name: "town" }))).toBe(
      'inputs[3].name: this model has no input "town"; this model takes "size", "count", "flag", "city"',
    );
    expect(await error({ inputs: columnsInputs().slice(0, 3) })).toContain(
      'inputs: "city" is missing; this model takes',
    );
    expect(
      await error({ inputs: [...columnsInputs(), { name: "extra", shape: [1, 1], datatype: "FP32", data: [1] }] }),
    ).toContain("inputs[4].name");
    expect(await error({ inputs: [...columnsInputs(), columnsInputs()[0]] })).toContain('"size" is given twice');
    expect(await error(changed(0, { datatype: "FP64" }))).toContain('inputs[0].datatype: expected "FP32", got "FP64"');
    expect(await error(changed(0, { shape: [1, 2] }))).toContain("inputs[0].shape: expected [rows, 1], got [1,2]");
    expect(await error(changed(0, { shape: [1] }))).toContain("inputs[0].shape");
    expect(await error(changed(0, { shape: [0, 1], data: [] }))).toContain("inputs[0].shape");
    expect(await error(changed(1, { shape: [2, 1], data: [1, 2] }))).toContain(
      "inputs[1].shape: expected 1 rows as in inputs[0], got 2",
    );
    expect(await error(changed(0, { data: [1, 2] }))).toContain(
      "inputs[0].data: expected 1 values for the shape [1,1], got 2",
    );
    expect(await error(changed(0, { data: [[1, 2]] }))).toContain("inputs[0].data[0]: expected a list of 1, got 2");
    expect(await error(changed(0, { data: 5 }))).toContain("inputs[0].data: expected a list of values, got 5");
    expect(await error({})).toContain("inputs: expected a list of tensors, got nothing");
    expect(await error([])).toContain("The body: expected an object");
    expect(await error({ inputs: columnsInputs(), outputs: [{ name: "x" }] })).toContain(
      'outputs[0].name: this model has no output "x"',
    );
    expect(await error({ inputs: columnsInputs(), id: 7 })).toContain("id: expected a string");
    expect(await error({ inputs: columnsInputs(), parameters: { event_time: "yesterday" } })).toContain(
      "parameters.event_time: expected an ISO 8601 time",
    );
  });
});

describe("the prediction log", () => {
  it("holds one record per row with features apart by kind, scores, ids and times", async () => {
    serving.predictions.length = 0;
    const before = Date.now();
    const parameters = { event_time: ["2013-07-01 06:30:00", "2013-07-01T06:30:00+02:00"] };
    const { body } = await infer({ id: "b", inputs: columnsInputs(2), parameters });
    await expect.poll(() => serving.predictions.length).toBe(2);
    const [first, second] = serving.predictions;
    expect(first).toMatchObject({
      endpointId: "endpoint-columns",
      projectId: "project-1",
      modelVersionId: "version-columns",
      predictionId: "b:0",
      eventTime: Date.parse("2013-07-01T06:30:00Z"),
      categories: ["Oslo"],
      label: body.outputs?.[0]?.data[0],
      value: null,
    });
    expect(second).toMatchObject({
      predictionId: "b:1",
      eventTime: Date.parse("2013-07-01T04:30:00Z"),
      categories: ["Bergen"],
    });
    expect([...(first?.numbers ?? [])]).toEqual([0.5, 3, 1]);
    expect([...(second?.numbers ?? [])]).toEqual([-2, -1, 0]);
    expect([...(second?.probabilities ?? [])]).toEqual(body.outputs?.[1]?.data.slice(2));
    expect(first?.receivedAt).toBeGreaterThanOrEqual(before);
    expect(first?.latencyUs).toBeGreaterThan(0);
  });

  it("keeps the features of each request when many share a run, and of each row when one needs many", async () => {
    serving.predictions.length = 0;
    const shared = Array.from({ length: 150 }, (_, i) => ({ ...changed(0, { data: [i] }), id: `n${i}` }));
    await sendTogether(serving, INFER, shared);
    const rows = 300;
    await infer({
      ...changed(0, { shape: [rows, 1], data: Array.from({ length: rows }, (_, i) => i) }, rows),
      id: "m",
    });
    await expect.poll(() => serving.predictions.length).toBe(150 + rows);
    for (const { predictionId, numbers, categories, label } of serving.predictions) {
      const row = Number(/\d+$/.exec(predictionId)?.[0]);
      expect(numbers[0]).toBe(row);
      if (predictionId.startsWith("n")) continue;
      expect(categories).toEqual([facts.columns.answers.rows["city"]?.[row % 4]]);
      expect(["no", "yes"]).toContain(label);
    }
  });
});

describe("requests that share a run", () => {
  it("do not suffer from a wrong one among them, and are few runs", async () => {
    const before = await counted();
    const bodies = Array.from({ length: 120 }, (_, i) =>
      i % 3 === 0 ? changed(0, { data: ["x"] }) : changed(0, { data: [i] }),
    );
    const answers = await sendTogether(serving, INFER, bodies);
    answers.forEach((answer, i) => expect(answer.status).toBe(i % 3 === 0 ? 400 : 200));
    const after = await counted();
    expect(after.rows - before.rows).toBe(80);
    expect(after.runs - before.runs).toBeLessThan(20);
    for (const i of [1, 2, 61, 118]) {
      const alone = await infer(bodies[i]);
      expect(answers[i]?.body.outputs?.[0]).toEqual(alone.body.outputs?.[0]);
      const near = Number(alone.body.outputs?.[1]?.data[0]);
      expect(answers[i]?.body.outputs?.[1]?.data[0]).toBeCloseTo(near, 6);
    }
  });
});

/** Rows and runs of the model so far, as /metrics says. */
async function counted(): Promise<{ rows: number; runs: number }> {
  const text = String((await serving.call("/metrics")).body["text"]);
  const read = (name: string) =>
    Number(new RegExp(`^touchstone_inference_${name}\\{.*arm="champion"\\} (\\d+)$`, "m").exec(text)?.[1]);
  return { rows: read("count"), runs: read("exec_count") };
}

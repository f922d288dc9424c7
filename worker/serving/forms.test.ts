import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { columnsInputs, facts, fixtureEntry } from "./testing/fixture.ts";
import { serve, type TestServing } from "./testing/serve.ts";

let serving: TestServing;
beforeAll(async () => {
  serving = await serve({
    columns: fixtureEntry("columns"),
    price: fixtureEntry("regression"),
    mlp: fixtureEntry("mlp"),
  });
});
afterAll(() => serving.stop());

const ROWS = 4;
const names = ["size", "count", "flag", "city"] as const;
const records = Array.from({ length: ROWS }, (_, i) =>
  Object.fromEntries(names.map((name) => [name, facts.columns.answers.rows[name]?.[i]])),
);
const lists = records.map((record) => names.map((name) => record[name]));
const [first] = records;
const labels = facts.columns.answers.outputs["label"];
const csv = (header = names.join()) => `${header}\n${lists.map((row) => row.join()).join("\n")}\n`;

const plain = (body: unknown, model = "columns") => serving.call(`/v2/models/${model}/predict`, body);
const score = (body: unknown, model = "columns", type = "application/json") =>
  serving.call(`/endpoints/${model}/invocations`, body, { headers: { "content-type": type } });
const infer = () => serving.call("/v2/models/columns/infer", { inputs: columnsInputs(ROWS) });

describe("every form of a request", () => {
  const forms: Record<string, () => ReturnType<typeof plain>> = {
    features: () => plain({ features: records }),
    dataframe_records: () => score({ dataframe_records: records }),
    dataframe_split: () => score({ dataframe_split: { columns: names, index: [7, 8, 9, 10], data: lists } }),
    "dataframe_split in another order": () =>
      score({ dataframe_split: { columns: names.toReversed(), data: lists.map((row) => row.toReversed()) } }),
    "instances of rows": () => score({ instances: lists }),
    "instances of objects": () => score({ instances: records }),
    "inputs by column": () =>
      score({ inputs: Object.fromEntries(names.map((n) => [n, records.map((record) => record[n])])) }),
    "inputs by row": () => score({ inputs: lists }),
    csv: () => score(csv(), "columns", "text/csv"),
    "csv with quotes and CRLF": () =>
      score(csv('"size","count","flag","city"').replaceAll("\n", "\r\n"), "columns", "text/csv; charset=utf-8"),
  };

  it.each(Object.keys(forms))("%s: gets the scores of the protocol's own form, and is logged like it", async (form) => {
    serving.predictions.length = 0;
    const reference = await infer();
    await expect.poll(() => serving.predictions.length).toBe(ROWS);
    const before = serving.predictions.splice(0);
    const { status, body } = (await forms[form]?.()) ?? {};
    expect([status, body?.error, body?.["message"]]).toEqual([200, undefined, undefined]);
    await expect.poll(() => serving.predictions.length).toBe(ROWS);
    const same = ({ numbers, categories, label, probabilities, value }: (typeof before)[number]) => ({
      numbers,
      categories,
      label,
      probabilities,
      value,
    });
    expect(serving.predictions.map(same)).toEqual(before.map(same));
    expect(reference.body.outputs?.[0]?.data).toEqual(labels);
    const predictions = body?.["predictions"] as (string | { id: string; label: string })[];
    expect(predictions.map((p) => (typeof p === "string" ? p : p.label))).toEqual(labels);
    const ids = (body?.["prediction_ids"] ?? predictions.map((p) => (p as { id: string }).id)) as string[];
    expect(ids).toEqual(serving.predictions.map((p) => p.predictionId));
  });
});

describe("the plain form", () => {
  it("takes one object and answers with class, probabilities and id", async () => {
    const { status, body } = await plain({ features: first, id: "mine", event_time: "2013-07-01T06:30:00Z" });
    expect(status).toBe(200);
    expect(body).toEqual({
      model: "columns",
      arm: "champion",
      version: "3",
      predictions: [
        { id: "mine", label: labels?.[0], probabilities: { no: expect.any(Number), yes: expect.any(Number) } },
      ],
    });
    await expect
      .poll(() => serving.predictions.at(-1))
      .toMatchObject({
        predictionId: "mine",
        eventTime: Date.parse("2013-07-01T06:30:00Z"),
      });
  });

  it("takes an input of several values as a list or value by value, and answers with outputs that have no meaning", async () => {
    for (const features of [{ x: [1, 2, 3] }, { "x[2]": 3, "x[0]": 1, "x[1]": 2 }]) {
      const { body } = await plain({ features }, "price");
      const [prediction] = body["predictions"] as { value?: number; outputs?: { variable: number } }[];
      expect(prediction?.value ?? prediction?.outputs?.variable).toBe(14);
    }
  });

  it("names the place of what is wrong", async () => {
    const errors: [unknown, string][] = [
      [
        { features: { ...first, size: "big" } },
        'features.size: expected a finite number, got "big"; send every value of',
      ],
      [{ features: [first, { ...first, count: 1.5 }] }, "features[1].count: expected a whole number"],
      [{ features: { ...first, count: null } }, "features.count: expected a whole number within ±(2^53 - 1), got null"],
      [{ features: { ...first, city: 7 } }, "features.city: expected a string, got 7"],
      [{ features: { ...first, town: 1 } }, 'features: this model has no input "town"; this model takes "size"'],
      [{ features: { size: 1 } }, 'features: "count", "flag", "city" are missing'],
      [{ features: [first, { size: 1 }] }, 'features[1]: "count" is missing'],
      [{ features: [first, { ...first, more: 1 }] }, 'features[1]: "more" is not in features[0]'],
      [{ features: [first, 7] }, "features[1]: expected an object"],
      [{ features: [] }, "features: expected at least one row"],
      [{ features: "x" }, 'features: expected an object, or a list of objects, one per row, got "x"'],
      [{}, "features: expected an object, or a list of objects, one per row, got nothing"],
      ["[]", "The body: expected an object with features"],
      ["{", "The body is not valid JSON"],
      ['{"features": {"size": NaN}}', "features.size: expected a finite number, got NaN"],
    ];
    for (const [body, error] of errors) {
      const answer = await plain(body);
      expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining(error)]);
    }
    expect((await plain({ features: { x: [1, 2] } }, "price")).body.error).toContain(
      "features.x: expected a list of 3 values, got 2",
    );
    expect((await plain({ features: { x: [1, "b", 3] } }, "price")).body.error).toContain(
      'features.x[1]: expected a finite number, got "b"',
    );
    expect((await plain({ features: { "x[0]": 1, "x[1]": 2 } }, "price")).body.error).toContain('"x[2]" is missing');
    expect((await plain({ features: { x: [1, 2, 3], "x[1]": 2 } }, "price")).body.error).toContain("given twice");
  });
});

describe("MLflow's form", () => {
  it("gives numbers, rows of numbers for tensors, and probabilities when asked", async () => {
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    for (const body of [
      { instances: rows },
      { inputs: { x: rows } },
      { dataframe_split: { columns: [0, 1, 2], data: rows } },
    ])
      expect((await score(body, "price")).body["predictions"]).toSatisfy((p: unknown[]) => p.flat().join() === "14,32");
    const { body } = await score({ instances: lists, params: { predict_method: "predict_proba", id: "p" } });
    const expected = facts.columns.answers.outputs["probabilities"]?.map(Number) ?? [];
    (body["predictions"] as number[][]).flat().forEach((p, i) => expect(p).toBeCloseTo(expected[i] ?? 0, 6));
    expect(body["prediction_ids"]).toEqual(["p:0", "p:1", "p:2", "p:3"]);
  });

  it("takes a missing number or text as null or as an empty cell, and says when the model cannot", async () => {
    serving.predictions.length = 0;
    const x = Array.from({ length: 30 }, (_, i) => (i === 4 ? null : i / 30));
    const answer = await score({ instances: [x] }, "mlp");
    expect([400, 200]).toContain(answer.status);
    if (answer.status === 400) expect(answer.body["message"]).toContain("which is no answer");
    const texts = [
      "size,count,flag,city\n0,12,false,\n",
      { dataframe_records: [{ size: 0, count: 12, flag: false, city: null }] },
    ];
    const [cell, none] = await Promise.all(
      texts.map((body) => score(body, "columns", typeof body === "string" ? "text/csv" : undefined)),
    );
    expect([cell?.status, cell?.body["predictions"]]).toEqual([200, none?.body["predictions"]]);
    const empty = await score("size,count,flag,city\n1,1,true,Oslo\n,1,true,Oslo\n", "columns", "text/csv");
    const why = "its output probabilities is NaN for row 1, which is no answer. size is missing there.";
    expect([empty.status, empty.body["message"]]).toEqual([400, `The model cannot compute these values: ${why}`]);
  });

  it("names the place of what is wrong, in MLflow's words", async () => {
    const split = (columns: unknown, data: unknown) => ({ dataframe_split: { columns, data } });
    const errors: [unknown, string][] = [
      [{ dataframe_records: records, instances: lists }, "The body: expected exactly one of dataframe_split"],
      [
        {},
        "The body: expected exactly one of dataframe_split, dataframe_records, instances, inputs, got an empty object",
      ],
      [{ rows: 1 }, 'got ["rows"]'],
      [{ instances: lists, extra: 1 }, '"extra" is not known here'],
      [{ instances: [[1, 2]] }, "instances[0]: expected 4 values, got 2"],
      [
        { instances: lists.map((row, i) => (i === 2 ? [...row.slice(0, 3), 5] : row)) },
        "instances[2][3]: expected a string, got 5",
      ],
      [split(names, [[1, 2, 3]]), "dataframe_split.data[0]: expected 4 values, got 3"],
      [split(names, [["x", 1, true, "a"]]), 'dataframe_split.data[0][0]: expected a finite number, got "x"'],
      [split(["size", "size"], [[1, 1]]), 'dataframe_split.columns: the input "size" is given twice'],
      [split([1, 2], [[1, 1]]), "dataframe_split.columns[0]: expected a name, got 1"],
      [split("size", [[1]]), "dataframe_split.columns: expected a list of names"],
      [{ dataframe_split: [] }, "dataframe_split: expected an object with columns and data"],
      [
        { inputs: { size: [1], count: [1, 2], flag: [true], city: ["a"] } },
        "inputs.count: expected 1 values as in inputs.size, got 2",
      ],
      [{ inputs: { size: [1], count: ["x"], flag: [true], city: ["a"] } }, "inputs.count[0]: expected a whole number"],
      [{ inputs: {} }, "inputs: expected at least one column"],
      [
        { instances: lists, params: { predict_method: "guess" } },
        'params.predict_method: expected "predict" or "predict_proba"',
      ],
      [{ instances: lists, params: { event_time: "soon" } }, "params.event_time: expected an ISO 8601 time"],
      [{ instances: lists, params: 5 }, "params: expected an object"],
    ];
    for (const [body, error] of errors) {
      const answer = await score(body);
      expect([answer.status, answer.body]).toEqual([
        400,
        { error_code: "BAD_REQUEST", message: expect.stringContaining(error) },
      ]);
    }
    const lines: [string, string][] = [
      ["size,count,flag,city\nx,1,true,Oslo\n", 'row 0, column size: expected a finite number, got "x"'],
      ["size,count,flag,city\n1,1,perhaps,Oslo\n", "row 0, column flag: expected true or false"],
      ["size,count,flag,city\n1,0x1,true,Oslo\n", "row 0, column count"],
      ["size,count,flag,city\n1,1,true\n", "row 0: expected 4 values as in the first line, got 3"],
      ["size,count,flag,town\n1,1,true,x\n", 'The first line: this model has no input "town"'],
      ['size,count,flag,city\n1,1,true,"x\n', "a quote is not closed"],
      ["size,count,flag,city\n", "at least one row"],
    ];
    for (const [body, error] of lines) {
      const answer = await score(body, "columns", "text/csv");
      expect([answer.status, answer.body["message"]]).toEqual([400, expect.stringContaining(error)]);
    }
  });

  it("has ping, health and version, behind the same token", async () => {
    for (const act of ["ping", "health"]) expect((await serving.call(`/endpoints/columns/${act}`)).status).toBe(200);
    const version = await serving.call("/endpoints/columns/version");
    expect([version.status, version.body["text"]]).toEqual([200, "1.2.3"]);
    for (const act of ["ping", "version", "invocations"]) {
      const body = act === "invocations" ? { instances: lists } : undefined;
      const foreign = await serving.call(`/endpoints/columns/${act}`, body, {
        headers: { authorization: "Bearer bad" },
      });
      expect([foreign.status, foreign.body["error_code"]]).toEqual([401, "UNAUTHENTICATED"]);
      const none = await serving.call(`/endpoints/none/${act}`, body);
      expect([none.status, none.body["error_code"]]).toEqual([404, "RESOURCE_DOES_NOT_EXIST"]);
    }
    expect((await serving.call("/endpoints/columns/invocations")).status).toBe(405);
  });
});

describe("texts with commas, quotes and lines", () => {
  it("come through CSV as they are", async () => {
    serving.predictions.length = 0;
    const city = 'L\'Aquila, "the\ncity"';
    const text = `size,count,flag,city\n1,1,True,"${city.replaceAll('"', '""')}"\n2,2,0,\n`;
    expect((await score(text, "columns", "text/csv")).status).toBe(200);
    await expect.poll(() => serving.predictions.map((p) => p.categories)).toEqual([[city], [""]]);
    expect(serving.predictions.map((p) => [...p.numbers])).toEqual([
      [1, 1, 1],
      [2, 2, 0],
    ]);
  });
});

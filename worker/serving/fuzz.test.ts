import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, it } from "vitest";
import { columnsInputs, facts, fixtureEntry } from "./testing/fixture.ts";
import { type Shot, shoot } from "./testing/shoot.ts";
import { serve, type TestServing } from "./testing/serve.ts";

let serving: TestServing;
const defects: unknown[] = [];
beforeAll(async () => {
  const { log } = await import("#server/platform/log.ts");
  const quiet = Object.assign(Object.create(log) as typeof log, { error: (what: unknown) => defects.push(what) });
  serving = await serve(
    {
      columns: fixtureEntry("columns"),
      price: fixtureEntry("regression"),
      mlp: fixtureEntry("mlp"),
      lookup: fixtureEntry("lookup"),
    },
    { log: quiet, logPrediction: () => undefined },
  );
});
afterAll(() => serving.stop());

/** The same bodies each time: a fault that was found can be found again. */
function randomly(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
const random = randomly(7);
const below = (n: number) => Math.floor(random() * n);
const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;

const record = Object.fromEntries(
  Object.entries(facts.columns.answers.rows).map(([name, values]) => [name, values[0]]),
);
const x = Array.from({ length: 30 }, (_, i) => i / 30);
const GOOD: readonly [string, object][] = [
  [
    "/v2/models/columns/infer",
    { id: "a", inputs: columnsInputs(2), outputs: [{ name: "label" }], parameters: { binary_data_output: true } },
  ],
  ["/v2/models/mlp/infer", { inputs: [{ name: "x", datatype: "FP32", shape: [1, 30], data: x }] }],
  ["/v2/models/lookup/infer", { inputs: [{ name: "index", datatype: "INT64", shape: [1, 1], data: [1] }] }],
  [
    "/v2/models/price/infer",
    { inputs: [{ name: "x", datatype: "FP64", shape: [1, 3], parameters: { binary_data_size: 24 } }] },
  ],
  ["/v2/models/columns/predict", { features: [record, record], event_time: "2013-07-01" }],
  ["/endpoints/columns/invocations", { dataframe_records: [record, record] }],
  [
    "/endpoints/columns/invocations",
    { dataframe_split: { columns: Object.keys(record), data: [Object.values(record)] }, params: {} },
  ],
  ["/endpoints/mlp/invocations", { instances: [x, x] }],
  ["/endpoints/columns/invocations", { inputs: Object.fromEntries(Object.entries(record).map(([k, v]) => [k, [v]])) }],
  ["/v2/models/columns/outcomes", { outcomes: [{ id: "a", label: "yes" }] }],
  ["/v2/repository/index", { ready: true }],
];

const deep = (n: number) => "[".repeat(n) + "]".repeat(n);
const ODD: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 53,
  2 ** 63,
  1e308,
  -1e39,
  "",
  "x",
  "NaN",
  "\u0000\ud800",
  [],
  [[]],
  [[1], [2, 3]],
  {},
  { a: 1 },
  Array.from({ length: 2000 }, (_, i) => i),
  [null],
  ["a", 1],
  1e21,
  "__proto__",
  { __proto__: null, constructor: 1 },
];

/** Changes one or a few values anywhere in a body. */
function spoil(value: unknown): unknown {
  if (random() < 0.15) return pick(ODD);
  if (Array.isArray(value)) {
    if (value.length === 0) return [pick(ODD)];
    const copy = [...(value as unknown[])];
    const at = below(copy.length);
    if (random() < 0.15) copy.splice(at, 1);
    else if (random() < 0.15) copy.push(copy[at]);
    else copy[at] = spoil(copy[at]);
    return copy;
  }
  if (typeof value !== "object" || value === null) return pick(ODD);
  const entries = Object.entries(value);
  if (entries.length === 0) return pick(ODD);
  const at = below(entries.length);
  const [key, inner] = entries[at] ?? ["", null];
  if (random() < 0.1) entries.splice(at, 1);
  else if (random() < 0.1) entries[at] = [pick(["", "x", "__proto__", "constructor", "data", "parameters"]), inner];
  else entries[at] = [key, spoil(inner)];
  return Object.fromEntries(entries);
}

function shot(): Shot {
  const [path, good] = pick(GOOD);
  const kind = random();
  let text = JSON.stringify(spoil(good));
  if (kind < 0.1) text = text.slice(0, below(text.length));
  else if (kind < 0.15) text = text.replace(/:|,|\[/, () => pick([":NaN,", "\u0000", "]", ":1e999", "{"]));
  else if (kind < 0.17) text = deep(1 + below(20_000));
  else if (kind < 0.19) text = `{"inputs":${deep(5000)},"features":${deep(5000)},"instances":${deep(5000)}}`;
  else if (kind < 0.22) text = Array.from({ length: below(300) }, () => String.fromCharCode(below(0x250))).join("");
  const head = Buffer.from(text);
  if (random() < 0.6)
    return {
      path,
      body: head,
      headers: { "content-type": pick(["application/json", "text/csv", "application/octet-stream", "a/b", ""]) },
    };
  const raw = Buffer.from(Array.from({ length: pick([0, 3, 8, 23, 24, 25, 120]) }, () => below(256)));
  const length = pick([
    String(head.length),
    "0",
    "-1",
    "x",
    String(head.length + 7),
    String(below(head.length + 1)),
    "1e3",
    "99999999999999999999",
  ]);
  return { path, body: Buffer.concat([head, raw]), headers: { "inference-header-content-length": length } };
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
/** Bytes in use, of the heap and beside it. */
async function memory(): Promise<number> {
  // Connections that are closed are let go in the next turns.
  await sleep(100);
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

it("answers 10,000 malformed bodies without one that is the server's fault, and without growing", {
  timeout: 60_000,
}, async () => {
  const statuses: Record<number, number> = {};
  const round = async (n: number) => {
    const shots = Array.from({ length: n }, shot);
    for (const [i, status] of (await shoot(serving.port, shots)).entries()) {
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status >= 500) expect.fail(`${status} for ${shots[i]?.path} ${shots[i]?.body.toString("utf8", 0, 300)}`);
    }
  };
  await round(2000);
  const before = await memory();
  const started = performance.now();
  for (let i = 0; i < 10; i += 1) await round(1000);
  const seconds = (performance.now() - started) / 1000;
  const after = await memory();
  expect(Object.values(statuses).reduce((a, b) => a + b)).toBe(12_000);
  expect(statuses[400]).toBeGreaterThan(8000);
  expect(defects).toEqual([]);
  expect(after - before).toBeLessThan(16e6);
  expect(seconds).toBeLessThan(20);
  const good = await serving.call("/v2/models/columns/infer", { inputs: columnsInputs() });
  expect(good.status).toBe(200);
});

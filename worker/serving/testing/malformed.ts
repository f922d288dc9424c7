import { columnsInputs, facts } from "./fixture.ts";
import type { Shot } from "./shoot.ts";

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

/**
 * A request that is wrong in one of many ways, or in several: values of other types, shapes and sizes that do not fit, numbers out of reach, raw tensors cut
 * short, JSON cut off, nested deeper than a stack, or no JSON at all. For the fixture models under the names columns, mlp, lookup and price.
 */
export function malformed(): Shot {
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

import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Actor } from "#server/identity/index.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { Fields } from "./fields.ts";
import { servedRoutes } from "./routes.ts";
import { type Answer, at, send, tokenActor } from "./testing.ts";

testDatabase();

// Everything that a client could send by mistake, to every route there is: the caller's mistake is never answered as ours, since clients repeat 5xx for
// minutes, and every refusal has the body that clients turn into an exception.

let alice: Actor;
const made: Record<string, string> = {};

beforeAll(async () => {
  const people = await somePeople();
  alice = await tokenActor(people.alice, people.project.id);
  const post = (path: string, body: object) => send(alice, "POST", `/api/2.0/mlflow/${path}`, body);
  made["run"] = at(await post("runs/create", { experiment_id: "0" }), "run.info.run_id");
  made["model"] = at(await post("logged-models", { experiment_id: "0", name: "m" }), "model.info.model_id");
  await post("registered-models/create", { name: "reg" });
  await post("model-versions/create", { name: "reg", source: "x" });
});

/** Values of every kind that JSON has, and some that only a careless client makes. */
const WRONG: readonly unknown[] = [
  "",
  "\u0000",
  "x".repeat(70_000),
  "💥'; drop table runs; --",
  "%00%",
  "../../etc",
  -1,
  0,
  1.5,
  2 ** 63,
  1e308,
  "NaN",
  true,
  [],
  [[]],
  [null],
  [{}],
  [1, "a"],
  {},
  { key: {} },
];

/** How handlers read a message. */
const READS = [
  "text",
  "required",
  "int",
  "requiredInt",
  "requiredDouble",
  "bool",
  "word",
  "texts",
  "messages",
  "message",
] as const;

/** Good values, so that one wrong one among them is what the route trips over. */
const good = (): Record<string, unknown> => ({
  run_id: made["run"],
  experiment_id: "0",
  experiment_ids: ["0"],
  experiment_name: "Default",
  name: "reg",
  new_name: "reg 2",
  key: "k",
  value: "1",
  timestamp: 1,
  metric_key: "k",
  run_ids: [made["run"]],
  max_results: 5,
  version: "1",
  alias: "trial",
  stage: "None",
  source: "x",
  path: "a.txt",
  url: "https://example.com/hook",
  events: [{ entity: "MODEL_VERSION", action: "CREATED" }],
  model_json: "{}",
  status: undefined,
});

function judge(what: string, answer: Answer, wrong: string[]): void {
  const text = (name: string) => at(answer, name);
  if (answer.status >= 500 && answer.status !== 501) wrong.push(`${what} answered ${answer.status}`);
  else if (answer.status >= 400 && (typeof text("error_code") !== "string" || typeof text("message") !== "string"))
    wrong.push(`${what} answered ${answer.status} without MLflow's error body`);
}

const queryOf = (fields: Record<string, unknown>) =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) =>
      (Array.isArray(value) && value.length > 0 ? value : [value]).map((one) => [name, one] as const),
    )
    .map(
      ([name, one]) =>
        `${name}=${encodeURIComponent(typeof one === "string" ? one.slice(0, 2000) : JSON.stringify(one))}`,
    )
    .join("&");

const addressOf = (path: string) =>
  `/api/2.0/mlflow/${path.replace("{model_id}", made["model"] ?? "").replace(/\{\w+\}/g, "01980000-0000-7000-8000-000000000000")}`;

// Deleting what the others need would make them fail for the wrong reason.
const LAST = (path: string) => (/delete|rename/.test(path) ? 1 : 0);
const ROUTES = servedRoutes().toSorted((a, b) => LAST(a.path) - LAST(b.path));

// Some hundred calls each: a busy machine may take its time.
describe("no mistake of a caller is an error of ours", { timeout: 60_000 }, () => {
  test.each(ROUTES.map(({ method, path }) => [method, path] as const))("%s %s", async (method, path) => {
    const wrong: string[] = [];
    const call = async (what: string, fields: Record<string, unknown>) => {
      const answer =
        method === "GET"
          ? await send(alice, method, `${addressOf(path)}?${queryOf(fields)}`)
          : await send(alice, method, addressOf(path), fields);
      judge(`${method} ${path} with ${what}`, answer, wrong);
    };
    const json = { "content-type": "application/json" };
    await call("nothing", {});
    for (const text of ["{", "[]", "null", "1", '"x"', '{"a":', "\u0000", '{"run_id": {"run_id": {}}}'])
      if (method !== "GET")
        judge(`${path} with ${text}`, await send(alice, method, addressOf(path), text, json), wrong);
    const spies = READS.map((read) => vi.spyOn(Fields.prototype, read));
    await call("good values", good());
    const asked = new Set(spies.flatMap((spy) => spy.mock.calls.map(([name]) => name)));
    for (const spy of spies) spy.mockRestore();
    // Every third wrong value at each field, others at the next.
    for (const [i, name] of Array.from(asked).entries())
      for (const value of WRONG.filter((_, j) => (i + j + path.length) % 3 === 0))
        await call(`${name}=${JSON.stringify(value).slice(0, 40)}`, { ...good(), [name]: value });
    if (!asked.has("filter") && !asked.has("metrics")) {
      expect(wrong).toEqual([]);
      return;
    }
    for (const value of WRONG)
      for (const list of ["metrics", "params", "tags"])
        await call(`${list} of ${JSON.stringify(value).slice(0, 40)}`, { ...good(), [list]: [{ key: value, value }] });
    for (const filter of [
      "name",
      "=",
      "a = ",
      "name = 'x",
      "tags.`a = 'b'",
      "metrics.a > 'x'",
      "name LIKE 5",
      "1 = 1",
      "))((",
    ])
      await call(`filter ${filter}`, { ...good(), filter, order_by: ["x DESC DESC"] });
    expect(wrong).toEqual([]);
  });

  test("paths of files and uploads", async () => {
    const wrong: string[] = [];
    const paths = [
      "",
      "x",
      "0",
      "0/../x",
      "%",
      "%ff",
      "%00",
      "0/x/artifacts",
      `0/${made["run"] ?? ""}/artifacts/`,
      "a".repeat(5000),
    ];
    for (const kind of [
      "artifacts",
      "mpu/create",
      "mpu/complete",
      "mpu/abort",
      "mpu/else",
      "presigned",
      "signed",
      "nothing",
    ])
      for (const path of paths)
        for (const method of ["GET", "PUT", "POST", "DELETE", "PATCH"]) {
          const body = method === "GET" ? undefined : "{}";
          const address = `/api/2.0/mlflow-artifacts/${kind}/${path}`;
          const answer = await send(alice, method, address, body, { "content-type": "application/json" });
          judge(`${method} ${address.slice(0, 80)}`, answer, wrong);
        }
    expect(wrong).toEqual([]);
  });
});

test("every route answers under each prefix", async () => {
  for (const prefix of ["/api/2.0", "/api/3.0", "/ajax-api/2.0", "/ajax-api/3.0"]) {
    const found = await send(alice, "GET", `${prefix}/mlflow/experiments/get?experiment_id=0`);
    expect(at(found, "experiment.experiment_id")).toBe("0");
    expect(
      (await send(alice, "GET", `${prefix}/mlflow-artifacts/artifacts?path=0/${made["run"] ?? ""}/artifacts`)).status,
    ).toBe(200);
    expect(await send(alice, "POST", `${prefix}/mlflow/traces/search`, {})).toMatchObject({ status: 501 });
  }
  expect(await send(alice, "GET", "/ajax-api/4.0/mlflow/experiments/get")).toMatchObject({ status: 404 });
});

import { expect, test } from "vitest";
import { parseComparisons, parseOrdering } from "./comparisons.ts";

const brief = (filter: string) =>
  parseComparisons(filter).map(({ entity, key, operator, value }) => [entity, key, operator, value]);

test("names, operators and values of every kind", () => {
  expect(brief("metrics.loss < 0.5 and params.lr = '0.1' AND status != \"FAILED\"")).toEqual([
    ["metrics", "loss", "<", { kind: "number", number: 0.5, integer: false }],
    ["params", "lr", "=", { kind: "text", text: "0.1" }],
    [null, "status", "!=", { kind: "text", text: "FAILED" }],
  ]);
  expect(brief("metrics.`val loss`>=-1e-3")).toEqual([
    ["metrics", "val loss", ">=", { kind: "number", number: -0.001, integer: false }],
  ]);
  expect(brief('metrics."a.b" = 3')).toEqual([["metrics", "a.b", "=", { kind: "number", number: 3, integer: true }]]);
  expect(brief("attributes.run_id NOT IN ('a', 'b') and run_id in ('c')")).toEqual([
    ["attributes", "run_id", "NOT IN", { kind: "list", items: ["a", "b"] }],
    [null, "run_id", "IN", { kind: "list", items: ["c"] }],
  ]);
  expect(brief("tags.team is null and tags.`mlflow.user` is not null and name ilike 'x%'")).toEqual([
    ["tags", "team", "IS NULL", { kind: "none" }],
    ["tags", "mlflow.user", "IS NOT NULL", { kind: "none" }],
    [null, "name", "ILIKE", { kind: "text", text: "x%" }],
  ]);
});

test("a key may be dotted, and a word inside quotes is no joint", () => {
  expect(brief("tags.mlflow.source.name = 'a AND b'")).toEqual([
    ["tags", "mlflow.source.name", "=", { kind: "text", text: "a AND b" }],
  ]);
  expect(brief("params.p = 'it''s (1)'")).toEqual([["params", "p", "=", { kind: "text", text: "it's (1)" }]]);
  expect(brief("")).toEqual([]);
});

test.each([
  ["metrics.a > 1 OR metrics.b > 2", "'OR'", 14],
  ["metrics.a >", "'metrics.a >'", 11],
  ["metrics.a >> 1", "'metrics.a >> 1'", 11],
  ["metrics.a about 1", "'metrics.a about 1'", 10],
  ["metrics.a > 1 and", "'and'", 17],
  ["metrics.a", "'metrics.a'", 9],
  ["metrics.a > 1; drop table runs", "'; drop table runs'", 13],
  ["'x' = 1", "''x' = 1'", 0],
])("%s is refused with its place", (filter, said, start) => {
  try {
    parseComparisons(filter);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({
      code: "invalid_input",
      message: `Invalid clause(s) in filter string: ${said}`,
      place: { field: "filter", value: { start } },
    });
  }
});

test("a refusal says what to write instead", () => {
  const remedy = (filter: string) => {
    try {
      parseComparisons(filter);
    } catch (error) {
      return (error as { place: { remedy?: string } }).place.remedy;
    }
    return "none";
  };
  expect(remedy("a = 'x' OR b = 'y'")).toBe("Comparisons are joined by AND alone; search once for each side of an OR.");
  expect(remedy("a =")).toBe("A value belongs here: a number, or a text in quotes.");
  expect(remedy("a 1")).toContain("An operator belongs here");
  expect(remedy("'a' = 1")).toContain("metrics.loss < 0.5");
});

test("an unquoted word is kept as such, so that whoever knows the name can say what was expected", () => {
  expect(brief("params.a = b")).toEqual([["params", "a", "=", { kind: "word", word: "b" }]]);
});

test("orderings", () => {
  expect(parseOrdering("metrics.loss DESC")).toEqual({ entity: "metrics", key: "loss", ascending: false });
  expect(parseOrdering("start_time")).toEqual({ entity: null, key: "start_time", ascending: true });
  expect(parseOrdering("params.`a b` asc")).toEqual({ entity: "params", key: "a b", ascending: true });
  expect(parseOrdering('tags."mlflow.user"')).toEqual({ entity: "tags", key: "mlflow.user", ascending: true });
  expect(() => parseOrdering("metrics.loss sideways")).toThrow("Invalid order_by clause 'metrics.loss sideways'");
});

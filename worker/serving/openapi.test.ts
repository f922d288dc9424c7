import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixtureEntry } from "./testing/fixture.ts";
import { serve, type TestServing } from "./testing/serve.ts";

let serving: TestServing;
const golden = {
  rows: 1,
  inputs: { size: [0.5], count: [3], flag: [true], city: ["Oslo"] },
  outputs: { label: ["no"] },
  tolerance: { absolute: 1e-5, relative: 1e-5 },
  framework: null,
  source: "golden.json",
};
beforeAll(async () => {
  serving = await serve({ "my model": fixtureEntry("columns", { golden }), price: fixtureEntry("regression") });
});
afterAll(() => serving.stop());

interface Tensor {
  properties: { name: { const: string }; datatype: { const: string }; shape: { prefixItems: unknown[] } };
}
interface Operation {
  requestBody: { content: Record<string, { examples?: Record<string, { value: object | string }> }> };
}
interface Document {
  paths: Record<string, { get?: Operation; post?: Operation }>;
  components: {
    schemas: {
      InferRequest: {
        properties: {
          inputs: { minItems: number; maxItems: number; items: { oneOf: Tensor[] } };
          outputs: { items: { properties: { name: { enum: string[] } } } };
        };
      };
      Outcomes: {
        properties: { outcomes: { items: { required: string[]; oneOf: unknown; properties: { label: unknown } } } };
      };
    };
  };
}
const load = async (name: string): Promise<Document> =>
  (await serving.call(`/v2/models/${encodeURIComponent(name)}/openapi.json`)).body as unknown as Document;
const examplesOf = (operation: Operation | undefined) =>
  Object.entries(operation?.requestBody.content ?? {}).flatMap(([type, { examples = {} }]) =>
    Object.values(examples).map(({ value }) => ({ type, value })),
  );

/** All values of a key anywhere in a document. */
function collect(value: unknown, key: string): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([k, inner]: [string, unknown]) => (k === key ? [inner] : collect(inner, key)));
}

describe("the OpenAPI document", () => {
  it("names the server, the token and paths that exist, and every reference resolves", async () => {
    const document = await load("my model");
    expect(document).toMatchObject({
      openapi: "3.1.0",
      info: { title: "my model", version: "3" },
      servers: [{ url: "http://serving.test" }],
    });
    const schemas = Object.keys(document.components.schemas);
    const references = collect(document, "$ref").map(String);
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) expect(schemas).toContain(reference.replace("#/components/schemas/", ""));
    for (const [route, { post }] of Object.entries(document.paths)) {
      const { status } = await serving.call(route, post ? (examplesOf(post)[0]?.value ?? {}) : undefined);
      expect([200, 400], route).toContain(status);
    }
  });

  it("has examples that really work, of every form, with a row the version was checked with", async () => {
    for (const name of ["my model", "price"]) {
      const document = await load(name);
      let tried = 0;
      for (const [route, { post }] of Object.entries(document.paths))
        for (const { type, value } of examplesOf(post)) {
          if (route.endsWith("/outcomes") && name === "price") continue;
          const answer = await serving.call(route, value, { headers: { "content-type": type } });
          expect([route, type, answer.status, answer.body], JSON.stringify(value)).toEqual([
            route,
            type,
            200,
            expect.anything(),
          ]);
          tried += 1;
        }
      expect(tried).toBeGreaterThanOrEqual(7);
    }
    const plain = examplesOf((await load("my model")).paths["/v2/models/my%20model/predict"]?.post);
    expect(plain[0]?.value).toEqual({ features: { size: 0.5, count: 3, flag: true, city: "Oslo" } });
  });

  it("states names, types, shapes and classes of the signature", async () => {
    const { schemas } = (await load("my model")).components;
    const { inputs, outputs } = schemas.InferRequest.properties;
    expect([inputs.minItems, inputs.maxItems]).toEqual([4, 4]);
    expect(inputs.items.oneOf.map((t) => [t.properties.name.const, t.properties.datatype.const])).toEqual([
      ["size", "FP32"],
      ["count", "INT64"],
      ["flag", "BOOL"],
      ["city", "BYTES"],
    ]);
    expect(inputs.items.oneOf[0]?.properties.shape.prefixItems).toEqual([
      { type: "integer", minimum: 1 },
      { const: 1 },
    ]);
    expect(outputs.items.properties.name.enum).toEqual(["label", "probabilities"]);
    expect(schemas.Outcomes.properties.outcomes.items.properties.label).toEqual({ enum: ["no", "yes"] });
    const outcome = (await load("price")).components.schemas.Outcomes.properties.outcomes.items;
    expect(outcome.required).toEqual(["value"]);
    expect(outcome.oneOf).toEqual([{ required: ["id"] }, { required: ["entity_key", "observed_at"] }]);
  });
});

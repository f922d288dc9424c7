import { expect, it } from "vitest";
import { jsonBody } from "./route.ts";

const json = { "content-type": "application/json" };
const post = (body: BodyInit, headers: Record<string, string> = json) =>
  jsonBody(new Request("http://localhost/", { method: "POST", headers, body, duplex: "half" } as RequestInit));

it("reads JSON, and nothing as an empty object", async () => {
  expect(await post('{"a":[1]}')).toEqual({ a: [1] });
  expect(await post("")).toEqual({});
});

it.each([
  ["{", json, { code: "invalid_input", place: { field: "body" } }],
  ["a=1", { "content-type": "text/plain" }, { code: "unsupported_media", place: { field: "Content-Type" } }],
])("refuses %j", async (body, headers, error) => {
  await expect(post(body, headers)).rejects.toMatchObject(error);
});

it("refuses a body that breaks off, as that of somebody who left the page", async () => {
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"a":'));
      controller.error(new Error("aborted"));
    },
  });
  await expect(post(broken)).rejects.toMatchObject({ code: "invalid_input", message: "The body broke off." });
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ApiError, api, fieldError, parseProblem, toProblem, withQuery } from "./api.ts";

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on("end", () => {
    if (request.url === "/empty") {
      response.writeHead(204).end();
    } else if (request.url === "/refuse") {
      const problem = {
        type: "about:blank",
        title: "Conflict",
        status: 409,
        code: "conflict",
        detail: "Taken.",
        field: "name",
        remedy: "Choose another.",
        requestId: "r-1",
      };
      response.writeHead(409, { "content-type": "application/problem+json" }).end(JSON.stringify(problem));
    } else if (request.url === "/proxy") {
      response.writeHead(502, { "x-request-id": "r-2" }).end("<html>Bad gateway</html>");
    } else {
      response.end(
        JSON.stringify({ method: request.method, url: request.url, type: request.headers["content-type"], body }),
      );
    }
  });
});
let base = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

async function refusal(path: string): Promise<ApiError> {
  const error: unknown = await api(path).catch((caught: unknown) => caught);
  if (!(error instanceof ApiError)) throw new Error(`expected an ApiError, got ${String(error)}`);
  return error;
}

describe("api", () => {
  it("reads with GET and writes JSON with POST", async () => {
    expect(await api(`${base}/x`, { query: { q: "a b", none: null, tag: ["1", "2"] } })).toMatchObject({
      method: "GET",
      url: "/x?q=a+b&tag=1&tag=2",
    });
    expect(await api(`${base}/x`, { body: { a: 1 } })).toMatchObject({
      method: "POST",
      type: "application/json",
      body: '{"a":1}',
    });
    expect(await api(`${base}/x`, { method: "PUT", body: "raw" })).toMatchObject({ method: "PUT", body: "raw" });
  });
  it("returns undefined for an empty answer", async () => {
    expect(await api(`${base}/empty`)).toBeUndefined();
  });
  it("throws the server's own words", async () => {
    const error = await refusal(`${base}/refuse`);
    expect(error).toMatchObject({
      status: 409,
      code: "conflict",
      title: "Conflict",
      detail: "Taken.",
      remedy: "Choose another.",
      requestId: "r-1",
    });
    expect(fieldError(error, "name")).toBe("Taken. Choose another.");
    expect(fieldError(error, "other")).toBeUndefined();
  });
  it("makes a usable problem of a foreign answer", async () => {
    expect(await refusal(`${base}/proxy`)).toMatchObject({ status: 502, code: "internal", requestId: "r-2" });
  });
  it("says so when no answer comes", async () => {
    expect(await refusal("http://127.0.0.1:1/x")).toMatchObject({ status: 0, code: "network" });
  });
});

describe("problems", () => {
  it("finds one message per field", () => {
    const text = JSON.stringify({
      title: "Not valid",
      code: "invalid_input",
      field: "a",
      detail: "Both wrong.",
      issues: [{ field: "a", message: "A is wrong." }, { field: "b", message: "B is wrong." }, "noise"],
    });
    const error = new ApiError(parseProblem(400, text, null));
    expect(fieldError(error, "a")).toBe("A is wrong.");
    expect(fieldError(error, "b")).toBe("B is wrong.");
    expect(error.issues).toHaveLength(2);
  });
  it("leads to a page of this app and nowhere else", () => {
    const pageOf = (href: string) =>
      parseProblem(409, JSON.stringify({ page: { href, label: "Open it" } }), null).page?.href;
    expect(pageOf("/p/penguins/reviews/3")).toBe("/p/penguins/reviews/3");
    for (const href of ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
      expect(pageOf(href)).toBeUndefined();
  });
  it("wraps anything thrown", () => {
    expect(toProblem(new Error("boom"))).toMatchObject({ detail: "boom", status: 0 });
    expect(toProblem("boom").detail).toBe("boom");
  });
  it("appends to a path that already asks", () => {
    expect(withQuery("/a?x=1", { y: 2, z: "" })).toBe("/a?x=1&y=2");
  });
});

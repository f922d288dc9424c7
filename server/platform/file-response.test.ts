import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { fileResponse, type ServedFile } from "./file-response.ts";

const content = Buffer.from("0123456789");
const file: ServedFile = {
  name: "übersicht.html",
  mediaType: "text/html",
  sizeBytes: content.length,
  sha256: "ab".repeat(32),
  open: async (range) => Readable.from([content.subarray(range?.start ?? 0, (range?.end ?? 9) + 1)]),
};
const get = (headers: Record<string, string> = {}, method = "GET") =>
  fileResponse(new Request("http://x/f", { method, headers }), file);

test("the whole file, as something to save and never to run", async () => {
  const response = await get();
  expect([response.status, await response.text()]).toEqual([200, "0123456789"]);
  expect(response.headers.get("content-length")).toBe("10");
  expect(response.headers.get("content-disposition")).toBe(
    "attachment; filename=\"_bersicht.html\"; filename*=UTF-8''%C3%BCbersicht.html",
  );
  expect(response.headers.get("content-security-policy")).toContain("sandbox");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
});

test.each([
  ["bytes=2-4", 206, "234", "bytes 2-4/10"],
  ["bytes=7-", 206, "789", "bytes 7-9/10"],
  ["bytes=-3", 206, "789", "bytes 7-9/10"],
  ["bytes=5-999", 206, "56789", "bytes 5-9/10"],
  ["bytes=10-", 416, "", "bytes */10"],
  ["bytes=1-2,4-5", 200, "0123456789", null],
])("%s", async (range, status, body, contentRange) => {
  const response = await get({ range });
  expect([response.status, await response.text(), response.headers.get("content-range")]).toEqual([
    status,
    body,
    contentRange,
  ]);
});

test("HEAD has no body, and what the browser has is not sent again", async () => {
  const head = await get({}, "HEAD");
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "10", ""]);
  expect((await get({ "if-none-match": `"${file.sha256}"` })).status).toBe(304);
});

test("to be viewed: a page runs in an origin of its own, a picture or text runs nothing, a drawing with scripts is only saved", async () => {
  const view = async (mediaType: string) => {
    const { headers } = await fileResponse(new Request("http://x/f?view=1"), { ...file, mediaType }, true);
    const policy = headers.get("content-security-policy") ?? "";
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    return { policy, shown: headers.get("content-disposition")?.startsWith("inline") };
  };
  const page = await view("text/html; charset=utf-8");
  expect(page.shown).toBe(true);
  expect(page.policy.split("; ")).toEqual(
    expect.arrayContaining(["sandbox allow-scripts", "default-src 'none'", "form-action 'none'"]),
  );
  expect(page.policy).not.toContain("allow-same-origin");
  expect(page.policy).not.toContain("connect-src");
  for (const type of ["image/png", "text/plain; charset=utf-8", "video/mp4"])
    expect(await view(type)).toEqual({ policy: "default-src 'none'; sandbox", shown: true });
  for (const type of ["image/svg+xml", "application/octet-stream", "application/xhtml+xml", "application/xml"])
    expect(await view(type)).toEqual({ policy: "default-src 'none'; sandbox", shown: false });
});

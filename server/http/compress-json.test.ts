import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { expect, it } from "vitest";
import { compressJson } from "./compress-json.ts";

const long = Buffer.from(JSON.stringify(Array.from({ length: 20_000 }, (_, i) => Math.sin(i))));

it.each([
  ["gzip, deflate, br, zstd", "zstd", zstdDecompressSync],
  ["gzip, deflate", "gzip", gunzipSync],
  ["zstd;q=0, GZIP;q=0.5", "gzip", gunzipSync],
])("answers %j with %s", async (accepted, encoding, decoded) => {
  const { body, headers } = await compressJson(long, accepted);
  expect(headers).toEqual({ "content-encoding": encoding, vary: "accept-encoding" });
  expect(body.length).toBeLessThan(long.length * 0.6);
  expect(decoded(body).equals(long)).toBe(true);
});

it.each([null, undefined, "", "br", "gzip;q=0", "x-gzip"])("leaves a long one as it is for %j", async (accepted) => {
  expect(await compressJson(long, accepted)).toEqual({ body: long, headers: { vary: "accept-encoding" } });
});

it("leaves a short one as it is", async () => {
  const short = Buffer.from("{}");
  expect(await compressJson(short, "gzip, zstd")).toEqual({ body: short, headers: {} });
});

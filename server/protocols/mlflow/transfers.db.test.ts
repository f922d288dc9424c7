import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Actor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { env } from "#server/platform/env.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { answerMlflow } from "./index.ts";
import { at, send, tokenActor } from "./testing.ts";

testDatabase();

let alice: Actor;
let eve: Actor;
const NOBODY = new AppError("unauthenticated", "nobody");
const ARTIFACTS = "/api/2.0/mlflow-artifacts";

beforeAll(async () => {
  const people = await somePeople();
  alice = await tokenActor(people.alice, people.project.id);
  eve = await tokenActor(people.eve, people.other.id);
});

const newRun = async (actor = alice): Promise<string> =>
  at(await send(actor, "POST", "/api/2.0/mlflow/runs/create", { experiment_id: "0" }), "run.info.run_id");
const waiting = () =>
  readdirSync(path.join(env().artifactDir, "incoming")).filter((name) => name.startsWith("part-")).length;

interface Begun {
  readonly upload_id: string;
  readonly credentials: { readonly url: string; readonly part_number: number }[];
}

async function begin(folder: string, parts: number): Promise<Begun> {
  const made = await send(alice, "POST", `${ARTIFACTS}/mpu/create/${folder}`, {
    path: "/tmp/big.bin",
    num_parts: parts,
  });
  expect(made.status).toBe(200);
  return made.body as Begun;
}

async function whole(address: string): Promise<Buffer> {
  const request = new Request(`http://localhost${address}`);
  const answer = await answerMlflow(request, { requestId: "r", actorOf: () => Promise.resolve(alice) });
  return Buffer.from(await answer.arrayBuffer());
}

test("parts arrive by signed addresses in any order, become a file at once, and leave nothing", async () => {
  const folder = `0/${await newRun()}/artifacts/deep`;
  const pieces = [randomBytes(70_000), randomBytes(80_000), randomBytes(10)];
  const { upload_id, credentials } = await begin(folder, 3);
  const etags: string[] = [];
  for (const i of [2, 0, 1]) {
    const sent = await send(NOBODY, "PUT", credentials[i]!.url, pieces[i]);
    expect(sent.status).toBe(200);
    etags[i] = sent.headers.get("etag") ?? "";
  }
  await send(NOBODY, "PUT", credentials[1]!.url, randomBytes(5));
  expect((await send(NOBODY, "PUT", credentials[1]!.url, pieces[1])).headers.get("etag")).toBe(etags[1]);
  expect((await send(alice, "GET", `${ARTIFACTS}/artifacts/${folder}/big.bin`)).status).toBe(404);
  const parts = etags.map((etag, i) => ({ part_number: i + 1, etag, url: credentials[i]!.url }));
  const complete = (more: object) =>
    send(alice, "POST", `${ARTIFACTS}/mpu/complete/${folder}`, { path: "/tmp/big.bin", upload_id, parts, ...more });
  expect((await complete({ parts: parts.slice(1) })).status).toBe(400);
  expect((await complete({ parts: [{ part_number: 1, etag: "0".repeat(64) }] })).status).toBe(400);
  expect((await complete({ path: "/tmp/other.bin" })).status).toBe(404);
  expect(await complete({})).toMatchObject({ status: 200, body: {} });
  expect((await whole(`${ARTIFACTS}/artifacts/${folder}/big.bin`)).equals(Buffer.concat(pieces))).toBe(true);
  expect(waiting()).toBe(0);
  expect((await complete({})).status).toBe(400);
});

test("an aborted upload leaves nothing, and no other project can touch it", async () => {
  const folder = `0/${await newRun()}/artifacts`;
  const { upload_id, credentials } = await begin(folder, 1);
  await send(NOBODY, "PUT", credentials[0]!.url, "abc");
  expect(waiting()).toBe(1);
  const body = { path: "big.bin", upload_id };
  expect((await send(eve, "POST", `${ARTIFACTS}/mpu/abort/${folder}`, body)).status).toBe(404);
  expect((await send(eve, "POST", `${ARTIFACTS}/mpu/create/${folder}`, { path: "x", num_parts: 1 })).status).toBe(404);
  expect(waiting()).toBe(1);
  expect((await send(alice, "POST", `${ARTIFACTS}/mpu/abort/${folder}`, body)).status).toBe(200);
  expect(waiting()).toBe(0);
});

test("a signed address reads one file, in ranges, without a token, and nothing else", async () => {
  const folder = `0/${await newRun()}/artifacts`;
  await send(alice, "PUT", `${ARTIFACTS}/artifacts/${folder}/a.txt`, "0123456789");
  const signed = await send(alice, "GET", `${ARTIFACTS}/presigned/${folder}/a.txt`, undefined, {
    host: "ml.example:9",
  });
  expect(signed.body).toMatchObject({
    file_size: 10,
    headers: {},
    url: expect.stringMatching(/^http:\/\/ml\.example:9\//),
  });
  const url = at<string>(signed, "url");
  expect((await send(NOBODY, "GET", url)).body).toBe("0123456789");
  expect((await send(NOBODY, "GET", url, undefined, { range: "bytes=2-4" })).body).toBe("234");
  expect((await send(NOBODY, "PUT", url, "x")).status).toBe(403);
  expect((await send(NOBODY, "GET", `${url.slice(0, -3)}xxx`)).status).toBe(403);
  expect((await send(NOBODY, "GET", `${ARTIFACTS}/signed/e30.x`)).status).toBe(403);
  await send(alice, "DELETE", `${ARTIFACTS}/artifacts/${folder}/a.txt`);
  expect((await send(NOBODY, "GET", url)).status).toBe(404);
  expect((await send(eve, "GET", `${ARTIFACTS}/presigned/${folder}/a.txt`)).status).toBe(404);
});

test("a file can be sent to a signed address", async () => {
  const run = await newRun();
  const post = (body: object, actor = alice) =>
    send(actor, "POST", "/api/2.0/mlflow/artifacts/presigned-upload-url", body);
  const signed = await post({ run_id: run, path: "a/b.txt" });
  expect((await send(NOBODY, "PUT", at(signed, "presigned_url"), "hello")).status).toBe(200);
  expect((await whole(`${ARTIFACTS}/artifacts/0/${run}/artifacts/a/b.txt`)).toString()).toBe("hello");
  expect(at(await post({ path: "x" }), "message")).toBe("Exactly one of run_id and model_id must be provided.");
  expect((await post({ run_id: run, path: "../x" })).status).toBe(400);
  expect((await post({ run_id: run, path: "x" }, eve)).status).toBe(404);
});

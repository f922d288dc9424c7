import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError } from "#server/kernel/errors.ts";
import facts from "./fixtures/facts.json" with { type: "json" };
import { readOnnxSignature } from "./onnx-signature.ts";
import { ModelSignature } from "./signature.ts";

const fixture = (name: string) => path.join(import.meta.dirname, "fixtures", `${name}.onnx`);
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "signature-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(bytes: Uint8Array) {
  const file = path.join(folder, "model.onnx");
  await writeFile(file, bytes);
  return readOnnxSignature(file);
}

async function refusal(run: Promise<unknown>): Promise<AppError> {
  const error: unknown = await run.then(
    () => null,
    (e: unknown) => e,
  );
  if (!(error instanceof AppError)) throw new Error(`not refused: ${String(error)}`);
  expect(error.code).toBe("invalid_input");
  return error;
}

describe("reading a signature", () => {
  it.each(["columns", "regression", "lookup", "mlp"] as const)("agrees with the onnx package on %s", async (name) => {
    const signature = await readOnnxSignature(fixture(name));
    expect(signature).toEqual(facts[name].signature);
    expect(ModelSignature.parse(signature)).toEqual(signature);
  });

  it("names the remedy for a map output and for weights in another file", async () => {
    const zipmap = await refusal(readOnnxSignature(fixture("zipmap")));
    expect(zipmap.message).toContain("'probabilities' is not a tensor");
    expect(zipmap.place.remedy).toContain("zipmap");
    expect((await refusal(readOnnxSignature(fixture("external")))).message).toContain("weights in another file");
  });

  it("skips weights without reading them", async () => {
    const file = path.join(folder, "large.onnx");
    await writeLargeModel(file, await readFile(fixture("regression")), 2 ** 31);
    const before = process.memoryUsage().rss;
    const started = performance.now();
    const signature = await readOnnxSignature(file);
    expect(performance.now() - started).toBeLessThan(500);
    expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
    expect(signature.inputs).toEqual(facts.regression.signature.inputs);
  });
});

describe("damaged files", () => {
  it("says what is wrong", async () => {
    const model = await readFile(fixture("regression"));
    expect((await refusal(read(new Uint8Array()))).message).toContain("it is empty");
    expect((await refusal(read(Buffer.from("PK\x03\x04 a zip file")))).message).toContain("byte");
    expect((await refusal(read(Buffer.from("<html>not found</html>")))).message).toContain("not a readable ONNX model");
    expect((await refusal(read(model.subarray(0, 100)))).message).toMatch(
      /should go on to byte \d+, but the file ends at byte 100/,
    );
    expect((await refusal(read(Buffer.from([8, 8])))).message).toContain("no graph");
  });

  it("refuses or reads every shortened and every bent file, and never crashes", async () => {
    const model = await readFile(fixture("columns"));
    for (let i = 0; i < model.length; i += 7) await read(model.subarray(0, i)).catch(expectRefusal);
    for (let i = 0; i < model.length; i += 3) {
      const bent = Buffer.from(model);
      bent[i] = (bent[i] ?? 0) ^ 0xff;
      await read(bent).catch(expectRefusal);
    }
  });

  it("refuses metadata that contradicts the outputs", async () => {
    const model = await readFile(fixture("columns"), "latin1");
    const swap = (from: string, to: string) => read(Buffer.from(model.replace(from, to), "latin1"));
    expect((await refusal(swap('["no", "yes"]', '["a","b","c"]'))).place.field).toMatch(/^touchstone\./);
    expect((await refusal(swap('["no", "yes"]', '["no", "yes",'))).place.remedy).toContain("JSON array");
  });
});

function expectRefusal(error: unknown) {
  expect(error).toBeInstanceOf(AppError);
}

/** Appends a second graph part to a model whose only content is an initializer of `size` zero bytes (a hole in the file). */
async function writeLargeModel(file: string, model: Buffer, size: number) {
  const varint = (value: number) => {
    const bytes = [];
    for (let v = value; ; v = Math.floor(v / 128)) {
      bytes.push(v >= 128 ? (v % 128) + 128 : v);
      if (v < 128) return Buffer.from(bytes);
    }
  };
  const name = Buffer.concat([Buffer.from([0x42, 3]), Buffer.from("big")]);
  const raw = Buffer.concat([Buffer.from([0x4a]), varint(size)]);
  const tensor = Buffer.concat([name, raw]);
  const initializer = Buffer.concat([Buffer.from([0x2a]), varint(tensor.length + size), tensor]);
  const graph = Buffer.concat([Buffer.from([0x3a]), varint(initializer.length + size), initializer]);
  const handle = await open(file, "w");
  await handle.write(Buffer.concat([model, graph]));
  await handle.truncate(model.length + graph.length + size);
  await handle.close();
}

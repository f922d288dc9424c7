import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ELEMENTS, everythingEntry, type Served } from "./testing/everything.ts";
import { columnsInputs, fixtureEntry } from "./testing/fixture.ts";
import { serve, type TestServing } from "./testing/serve.ts";

let serving: TestServing;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "datatypes-"));
  const plan = Object.fromEntries(
    Object.keys(ELEMENTS).map((name) => [name, everythingEntry(path.join(folder, name), [name as Served])]),
  );
  serving = await serve({
    ...plan,
    all: everythingEntry(path.join(folder, "all")),
    columns: fixtureEntry("columns"),
  });
});
afterAll(async () => {
  await serving.stop();
  await rm(folder, { recursive: true });
});

/** Values at the edges of each datatype, and their bytes as the extension writes them: little-endian, texts after their length. */
const CASES: Readonly<Record<Served, { json: unknown[]; bytes: string }>> = {
  BOOL: { json: [true, false], bytes: "01 00" },
  UINT8: { json: [0, 255], bytes: "00 ff" },
  UINT16: { json: [1, 65_535], bytes: "0100 ffff" },
  UINT32: { json: [1, 4_294_967_295], bytes: "01000000 ffffffff" },
  UINT64: { json: [1, 2 ** 53 - 1], bytes: "0100000000000000 ffffffffffff1f00" },
  INT8: { json: [-128, 127], bytes: "80 7f" },
  INT16: { json: [-32_768, 32_767], bytes: "0080 ff7f" },
  INT32: { json: [-2_147_483_648, 2_147_483_647], bytes: "00000080 ffffff7f" },
  INT64: { json: [-1, -(2 ** 53 - 1)], bytes: "ffffffffffffffff 010000000000e0ff" },
  FP16: { json: [1.5, -65_504], bytes: "003e fffb" },
  FP32: { json: [1.5, -2], bytes: "0000c03f 000000c0" },
  FP64: { json: [0.1, 1e300], bytes: "9a9999999999b93f 9c7500883ce4377e" },
  BYTES: { json: ["é", ""], bytes: "02000000 c3a9 00000000" },
};
const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(" ", ""), "hex");

/** Sends JSON with raw bytes after it and takes the answer apart. */
async function send(model: string, json: unknown, raw: Buffer, headers: Record<string, string> = {}) {
  const head = Buffer.from(json === null ? "" : JSON.stringify(json));
  const response = await fetch(`${serving.url}/v2/models/${model}/infer`, {
    method: "POST",
    headers: {
      authorization: "Bearer good",
      "content-type": "application/octet-stream",
      "inference-header-content-length": String(head.length),
      ...headers,
    },
    body: Buffer.concat([head, raw]),
  });
  const body = Buffer.from(await response.arrayBuffer());
  const length = Number(response.headers.get("inference-header-content-length") ?? body.length);
  return {
    status: response.status,
    json: JSON.parse(body.toString("utf8", 0, length)) as {
      error?: string;
      outputs: { name: string; shape: number[]; data?: unknown[]; parameters?: { binary_data_size: number } }[];
    },
    raw: body.subarray(length),
  };
}
const binaryInput = (datatype: Served, size: number, rows = 1) => ({
  name: `in_${datatype}`,
  datatype,
  shape: [rows, 2],
  parameters: { binary_data_size: size },
});

describe.each(Object.entries(CASES) as [Served, (typeof CASES)[Served]][])("%s", (datatype, { json, bytes }) => {
  const raw = bytesOf(bytes);

  it("goes through as JSON, flat and nested", async () => {
    for (const data of [json, [json]]) {
      const inputs = [{ name: `in_${datatype}`, datatype, shape: [1, 2], data }];
      const { status, body } = await serving.call(`/v2/models/${datatype}/infer`, { inputs });
      expect([status, body.outputs?.[0]?.data]).toEqual([200, json]);
    }
  });

  it("is given back alike in the plain form and in MLflow's", async () => {
    const plain = await serving.call(`/v2/models/${datatype}/predict`, { features: { [`in_${datatype}`]: json } });
    expect(plain.body["predictions"]).toMatchObject([{ outputs: { [`out_${datatype}`]: json } }]);
    const mlflow = await serving.call(`/endpoints/${datatype}/invocations`, {
      inputs: { [`in_${datatype}`]: [json] },
    });
    expect(mlflow.body["predictions"]).toEqual([json]);
  });

  it("goes through as raw bytes in both directions, also among the rows of others", async () => {
    const three = Buffer.concat([raw, raw, raw]);
    const [one, many] = await Promise.all([
      send(datatype, { inputs: [binaryInput(datatype, raw.length)], parameters: { binary_data_output: true } }, raw),
      send(
        datatype,
        {
          inputs: [binaryInput(datatype, three.length, 3)],
          outputs: [{ name: `out_${datatype}`, parameters: { binary_data: true } }],
        },
        three,
      ),
    ]);
    expect([one.status, one.json.outputs[0]?.parameters?.binary_data_size]).toEqual([200, raw.length]);
    expect(one.json.outputs[0]).not.toHaveProperty("data");
    expect(one.raw).toEqual(raw);
    expect([many.json.outputs[0]?.shape, many.raw]).toEqual([[3, 2], three]);
  });

  it("is turned from bytes to JSON and back", async () => {
    const toJson = await send(datatype, { inputs: [binaryInput(datatype, raw.length)] }, raw);
    expect(toJson.json.outputs[0]?.data).toEqual(json);
    const inputs = [{ name: `in_${datatype}`, datatype, shape: [1, 2], data: json }];
    const toBytes = await send(datatype, { inputs, parameters: { binary_data_output: true } }, Buffer.alloc(0));
    expect(toBytes.raw).toEqual(raw);
  });

  it("is refused when it is cut short, too long, or said to be of another size", async () => {
    const ask = async (size: number, sent: Buffer, rows = 1) =>
      (await send(datatype, { inputs: [binaryInput(datatype, size, rows)] }, sent)).json.error;
    expect(await ask(raw.length, raw.subarray(1))).toContain(`only ${raw.length - 1} are left in the body`);
    expect(await ask(raw.length - 1, raw.subarray(1))).toMatch(/^inputs\[0\]: /);
    expect(await ask(raw.length, Buffer.concat([raw, raw]))).toContain(`${raw.length} bytes after its last tensor`);
    expect(await ask(raw.length, raw, 1_000_000_000)).toMatch(/^inputs\[0\]: expected .* bytes for 2000000000 values/);
  });

  it("refuses what is no value of it", async () => {
    const wrong: unknown[] = datatype === "BYTES" ? [7, null] : ["x", null, [1], {}];
    if (datatype.includes("INT")) wrong.push(0.5, 1e20, 2 ** 63, -(2 ** 63) - 2048);
    if (datatype.startsWith("UINT")) wrong.push(-1);
    if (datatype === "FP16") wrong.push(65_520, -1e9);
    if (datatype === "BOOL") wrong.push(0, 1);
    for (const value of wrong) {
      const inputs = [{ name: `in_${datatype}`, datatype, shape: [1, 2], data: [json[0], value] }];
      const { status, body } = await serving.call(`/v2/models/${datatype}/infer`, { inputs });
      expect([status, body.error?.slice(0, 27)], JSON.stringify(value)).toEqual([400, "inputs[0].data[1]: expected"]);
    }
  });
});

describe("the binary extension", () => {
  it("mixes tensors of both kinds, one output raw and the others not", async () => {
    const datatypes = Object.keys(CASES) as Served[];
    const raw = datatypes.filter((_, i) => i % 2 === 0);
    const inputs = datatypes.map((datatype) => {
      const { json, bytes } = CASES[datatype];
      if (raw.includes(datatype)) return binaryInput(datatype, bytesOf(bytes).length);
      return { name: `in_${datatype}`, datatype, shape: [1, 2], data: json };
    });
    const outputs = ["out_BYTES", "out_FP16", "out_INT64"].map((name) => ({ name }));
    const body = {
      inputs,
      outputs: [...outputs, { name: "out_BOOL", parameters: { binary_data: false } }],
      parameters: { binary_data_output: true },
    };
    const answer = await send("all", body, Buffer.concat(raw.map((datatype) => bytesOf(CASES[datatype].bytes))));
    expect(answer.status, answer.json.error).toBe(200);
    expect(answer.raw).toEqual(Buffer.concat(["BYTES", "FP16", "INT64"].map((t) => bytesOf(CASES[t as Served].bytes))));
    expect(answer.json.outputs.map((o) => [o.name, o.data])).toEqual([
      ["out_BYTES", undefined],
      ["out_FP16", undefined],
      ["out_INT64", undefined],
      ["out_BOOL", [true, false]],
    ]);
  });

  it("takes a body of raw values alone for a model of one input", async () => {
    const two = Buffer.concat([bytesOf(CASES.FP32.bytes), bytesOf(CASES.FP32.bytes)]);
    const answer = await send("FP32", null, two);
    expect([answer.status, answer.json.outputs[0]?.shape, answer.raw]).toEqual([200, [2, 2], two]);
    expect((await send("FP32", null, two.subarray(1))).json.error).toContain("a multiple of 8 bytes");
    expect((await send("all", null, two)).json.error).toContain("this model takes 13 inputs");
  });

  it("refuses infinity, a truth value of 2, text that is not UTF-8 and lengths that lie; NaN is a missing value", async () => {
    const ask = async (datatype: Served, hex: string) => {
      const raw = bytesOf(hex);
      return await send(
        datatype,
        { inputs: [binaryInput(datatype, raw.length)], parameters: { binary_data_output: true } },
        raw,
      );
    };
    expect((await ask("FP32", "0000c03f 0000807f")).json.error).toBe(
      "inputs[0], value 1: expected a finite number, or NaN for a missing one, got Infinity for 'in_FP32'",
    );
    expect((await ask("FP16", "007c 0000")).json.error).toContain("inputs[0], value 0");
    expect((await ask("BOOL", "01 02")).json.error).toContain("inputs[0], value 1: expected a byte 0 or 1");
    expect((await ask("BYTES", "01000000 ff 00000000")).json.error).toContain("value 0 is not UTF-8");
    expect((await ask("BYTES", "ffffffff 00000000")).json.error).toContain("value 0 says it has 4294967295 bytes");
    expect((await ask("BYTES", "00000000 00000000 00")).json.error).toContain("1 bytes are left");
    expect((await ask("BYTES", "04000000 61626364 0000")).json.error).toContain(
      "inputs[0]: the bytes end before value 1",
    );
    const missing = await ask("FP32", "0000c07f 0000c03f");
    expect([missing.status, missing.raw.toString("hex")]).toEqual([200, "0000c07f0000c03f"]);
    expect(
      (await send("FP32", { inputs: [binaryInput("FP32", 8)] }, bytesOf("0000c07f 0000c03f"))).json.error,
    ).toContain("its output out_FP32[0] is NaN");
  });

  it("refuses a length of JSON that is no number or longer than the body, sizes without bytes, and what it does not offer", async () => {
    const inputs = columnsInputs();
    const ask = async (body: unknown, length?: string) =>
      (
        await send(
          "columns",
          body,
          Buffer.alloc(0),
          length === undefined ? {} : { "inference-header-content-length": length },
        )
      ).json.error;
    for (const length of ["-1", "x", "999999"])
      expect(await ask({ inputs }, length)).toContain("Inference-Header-Content-Length: expected");
    const { body } = await serving.call("/v2/models/FP32/infer", { inputs: [binaryInput("FP32", 8)] });
    expect(body.error).toContain("there are no raw bytes");
    expect(await ask({ inputs: [{ ...inputs[0], parameters: { binary_data_size: 1.5 } }] })).toContain(
      "a number of bytes",
    );
    expect(await ask({ inputs: [{ ...inputs[0], parameters: { shared_memory_region: "a" } }] })).toContain(
      "shared memory",
    );
    expect(await ask({ inputs, outputs: [{ name: "label", parameters: { classification: 2 } }] })).toContain(
      "ranking is not offered",
    );
    expect(await ask({ inputs, outputs: [{ name: "label", parameters: { binary_data: "yes" } }] })).toContain(
      "outputs[0].parameters.binary_data: expected true or false",
    );
  });
});

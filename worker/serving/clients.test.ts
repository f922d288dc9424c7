import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SAMPLE_PYTHON } from "#server/platform/testing/sample-python.ts";
import { everythingEntry } from "./testing/everything.ts";
import { facts, fixtureEntry } from "./testing/fixture.ts";
import { serve, type TestServing } from "./testing/serve.ts";

// The clients that others wrote. Where PyPI could not be reached when the checks were prepared, they are not there.
const PROTOCOL = path.join(import.meta.dirname, "../../node_modules/.cache/serving-clients/bin/python3");
const run = promisify(execFile);

let serving: TestServing;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "clients-"));
  serving = await serve({
    columns: fixtureEntry("columns"),
    price: fixtureEntry("regression"),
    everything: everythingEntry(path.join(folder, "everything.onnx")),
  });
});
afterAll(async () => {
  await serving.stop();
  await rm(folder, { recursive: true });
});

async function ask<T>(python: string, script: string, address: string): Promise<T> {
  const { stdout } = await run(python, [path.join(import.meta.dirname, "testing", script), address, "good"]);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T;
}

const labels = facts.columns.answers.outputs["label"]?.slice(0, 2);
const probabilities = facts.columns.answers.outputs["probabilities"]?.slice(0, 4).map(Number) ?? [];
const near = (values: unknown) => {
  expect(values).toHaveLength(4);
  (values as number[]).forEach((p, i) => expect(p).toBeCloseTo(probabilities[i] ?? 0, 6));
};

interface Seen {
  triton: {
    live: boolean;
    ready: boolean;
    model_ready: boolean[];
    extensions: string[];
    metadata: { name: string }[];
    index: { name: string; version: string; state: string }[];
    answers: [string, string[], number[]][];
    everything: [string, boolean][];
    async: string[];
    refused: string;
    statistics: object;
    all_statistics: string[];
  };
  kserve: {
    ready: boolean;
    answers: [string, [string, string[]], [string, number[]]][];
    everything: [string, boolean][];
  };
}

describe.skipIf(!existsSync(PROTOCOL))("the clients of Triton and KServe", { timeout: 60_000 }, () => {
  let seen: Seen;
  beforeAll(async () => {
    seen = await ask<Seen>(PROTOCOL, "protocol_clients.py", serving.url.slice("http://".length));
  }, 60_000);

  it("see a live server, what it holds and what it can", () => {
    const { triton } = seen;
    expect(triton).toMatchObject({ live: true, ready: true, model_ready: [true, true, false] });
    expect(triton.extensions).toEqual(expect.arrayContaining(["binary_tensor_data", "statistics"]));
    expect(triton.metadata.map((t) => t.name)).toEqual(["size", "count", "flag", "city"]);
    expect(triton.index.map((line) => [line.name, line.version, line.state])).toEqual([
      ["columns", "3", "READY"],
      ["everything", "1", "READY"],
      ["price", "3", "READY"],
    ]);
    expect(triton.refused).toBe("Version 9 of 'columns' is not live; version 3 is.");
  });

  it("get the same answers as JSON and as raw bytes, each direction by itself", () => {
    expect(seen.triton.answers).toHaveLength(6);
    for (const [id, label, probability] of seen.triton.answers) {
      expect([id, label]).toEqual(["mine", labels]);
      near(probability);
    }
    expect(seen.triton.everything.map(([datatype]) => datatype)).toHaveLength(13);
    for (const [datatype, same] of seen.triton.everything) expect([datatype, same]).toEqual([datatype, true]);
  });

  it("may ask many times at once, and read the counts", () => {
    expect(seen.triton.async).toEqual(Array.from({ length: 40 }, (_, i) => String(i)));
    expect(seen.triton.statistics).toEqual({ name: "columns", version: "3", inference_count: 2 * 46 });
    expect(seen.triton.all_statistics).toEqual(["columns", "everything", "price"]);
  });

  it("work as KServe's as well", () => {
    expect(seen.kserve.ready).toBe(true);
    expect(seen.kserve.answers).toHaveLength(2);
    for (const [id, label, probability] of seen.kserve.answers) {
      expect([id, label]).toEqual(["mine", ["label", labels]]);
      expect(probability[0]).toBe("probabilities");
      near(probability[1]);
    }
    const { everything } = seen.kserve;
    expect(everything).toHaveLength(13);
    for (const [datatype, same] of everything) expect([datatype, same]).toEqual([datatype, true]);
  });
});

describe.skipIf(!existsSync(SAMPLE_PYTHON))("MLflow's serialiser and scoring client", { timeout: 60_000 }, () => {
  it("are understood in every form, and are told what is wrong", async () => {
    const seen = await ask<Record<string, unknown>>(SAMPLE_PYTHON, "mlflow_client.py", `${serving.url}/endpoints`);
    for (const form of ["split", "records", "inputs", "csv", "client"])
      expect([form, seen[form]]).toEqual([form, labels]);
    expect(seen["wide"]).toEqual([14, 32]);
    near((seen["proba"] as number[][]).flat());
    expect(seen["version"]).toBe("1.2.3");
    expect(seen["error"]).toEqual({
      error_code: "BAD_REQUEST",
      message: 'dataframe_split.columns: "size" is missing; this model takes "size", "count", "flag", "city"',
    });
  });
});

describe.skipIf(!existsSync(PROTOCOL))("the OpenAPI documents", { timeout: 60_000 }, () => {
  it("are valid 3.1, and their examples and the real answers fit their schemas", async () => {
    const seen = await ask<{ wrong: string[]; examples: number; answers: number }>(
      PROTOCOL,
      "validate_openapi.py",
      serving.url,
    );
    expect(seen.wrong).toEqual([]);
    expect(seen.examples).toBe(3 * 8);
    expect(seen.answers).toBe(3 * 9);
  });
});

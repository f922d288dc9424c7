import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SAMPLE_PYTHON } from "#server/platform/testing/sample-python.ts";
import { readOnnxSignature } from "#server/registry/index.ts";
import { sha256Of } from "./testing/fixture.ts";
import { serve, type TestServing } from "./testing/serve.ts";

// Whole scikit-learn pipelines, converted by skl2onnx and asked with raw columns.
const run = promisify(execFile);

type Value = number | string | null;
interface Trained {
  readonly rows: Readonly<Record<string, readonly Value[]>>;
  readonly pipelines: Readonly<
    Record<string, { kind: string; outputs: { label?: Value[]; probabilities?: number[][]; value?: number[] } }>
  >;
}

const NAMES = ["boosted", "linear", "native", "price"] as const;
const TYPES = { age: "FP32", income: "FP32", visits: "INT64", city: "BYTES", colour: "BYTES", grade: "BYTES" } as const;
const FEATURES = Object.keys(TYPES) as (keyof typeof TYPES)[];

describe.skipIf(!existsSync(SAMPLE_PYTHON))("whole scikit-learn pipelines", { timeout: 120_000 }, () => {
  let folder: string;
  let trained: Trained;
  let serving: TestServing;
  let count: number;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "pipelines-"));
    await run(SAMPLE_PYTHON, [path.join(import.meta.dirname, "testing/sklearn_pipelines.py"), folder]);
    trained = JSON.parse(await readFile(path.join(folder, "pipelines.json"), "utf8")) as Trained;
    count = trained.rows["age"]?.length ?? 0;
    const entries = await Promise.all(NAMES.map(async (name) => [name, await entryOf(name)] as const));
    serving = await serve(Object.fromEntries(entries));
  }, 400_000);
  afterAll(async () => {
    await serving.stop();
    await rm(folder, { recursive: true });
  });

  async function entryOf(name: (typeof NAMES)[number]) {
    const file = path.join(folder, `${name}.onnx`);
    const signature = await readOnnxSignature(file);
    const { outputs } = trained.pipelines[name] ?? { outputs: {} };
    const roles = signature.roles;
    // The pipeline's own answers are the golden rows: an endpoint would not come up with a file that answers otherwise.
    const golden = {
      rows: count,
      inputs: trained.rows,
      outputs: Object.fromEntries(
        Object.entries<(Value | number[])[]>(outputs).map(([role, list]) => [
          roles[role as keyof typeof roles] ?? role,
          list.flat() as (number | string)[],
        ]),
      ),
      tolerance: { absolute: 1e-5, relative: 1e-5 },
      framework: "scikit-learn",
      source: "golden.json",
    };
    return {
      endpointId: `endpoint-${name}`,
      projectId: "project-1",
      modelId: "m",
      modelVersionId: `version-${name}`,
      version: 1,
      sha256: sha256Of(file),
      path: file,
      signature,
      golden,
    };
  }

  const at = (row: number, name: string): Value => trained.rows[name]?.[row] ?? null;
  const all = () => Array.from({ length: count }, (_, row) => row);
  const record = (row: number) => Object.fromEntries(FEATURES.map((name) => [name, at(row, name)]));

  /** Label and probabilities, or the number, of each row must be the pipeline's own. */
  function expectAnswers(
    name: string,
    rows: readonly number[],
    given: { labels?: unknown[]; probabilities?: number[][]; values?: number[] },
  ): void {
    const { label, probabilities, value } = trained.pipelines[name]!.outputs;
    rows.forEach((row, i) => {
      if (given.labels) {
        const wanted = (label ?? value)![row];
        if (typeof given.labels[i] === "number" && value) near(given.labels[i], wanted as number);
        else expect([row, String(given.labels[i])]).toEqual([row, String(wanted)]);
      }
      given.probabilities?.[i]?.forEach((p, k) => near(p, probabilities![row]![k]!));
      if (given.values) near(given.values[i]!, value![row]!);
    });
  }
  const near = (got: number, wanted: number) =>
    expect(Math.abs(got - wanted), `${got} for ${wanted}`).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(wanted)));

  it.each(NAMES)("%s: takes raw columns by name, and is proved by the pipeline's own answers", async (name) => {
    const { body } = await serving.call(`/v2/models/${name}`);
    expect(body["inputs"]).toEqual(
      FEATURES.map((column) => ({ name: column, datatype: TYPES[column], shape: [-1, 1] })),
    );
  });

  it.each(NAMES)("%s: plain objects, one and many, with what is missing as null", async (name) => {
    const { status, body } = await serving.call(`/v2/models/${name}/predict`, { features: all().map(record) });
    expect([status, body.error]).toEqual([200, undefined]);
    const predictions = body["predictions"] as {
      label?: unknown;
      probabilities?: Record<string, number>;
      value?: number;
    }[];
    const classes = Object.keys(predictions[0]?.probabilities ?? {});
    expectAnswers(name, all(), {
      ...(name === "price"
        ? { values: predictions.map((p) => p.value!) }
        : { labels: predictions.map((p) => p.label) }),
      ...(name === "price" ? {} : { probabilities: predictions.map((p) => classes.map((c) => p.probabilities![c]!)) }),
    });
    const empty = { ...record(0), city: null, grade: null };
    const same = { ...record(0), city: "", grade: "" };
    const answers = await Promise.all(
      [empty, same].map(
        async (features) =>
          (await serving.call(`/v2/models/${name}/predict`, { features })).body["predictions"] as object[],
      ),
    );
    const bare = answers.map(([first]) => ({ ...first, id: undefined }));
    expect(bare[0]).toEqual(bare[1]);
  });

  it.each(NAMES)("%s: the Open Inference Protocol, as JSON and as raw tensors", async (name) => {
    const whole = all().filter((row) => FEATURES.every((column) => at(row, column) !== null));
    const inputs = FEATURES.map((column) => ({
      name: column,
      datatype: TYPES[column],
      shape: [whole.length, 1],
      data: whole.map((row) => at(row, column)),
    }));
    const { status, body } = await serving.call(`/v2/models/${name}/infer`, { inputs });
    expect([status, body.error]).toEqual([200, undefined]);
    check(name, whole, body.outputs ?? []);

    const raw = FEATURES.map((column) =>
      rawTensor(
        TYPES[column],
        all().map((row) => at(row, column)),
      ),
    );
    const head = JSON.stringify({
      inputs: FEATURES.map((column, i) => ({
        name: column,
        datatype: TYPES[column],
        shape: [count, 1],
        parameters: { binary_data_size: raw[i]!.length },
      })),
    });
    const response = await fetch(`${serving.url}/v2/models/${name}/infer`, {
      method: "POST",
      headers: { authorization: "Bearer good", "inference-header-content-length": String(Buffer.byteLength(head)) },
      body: Buffer.concat([Buffer.from(head), ...raw]),
    });
    const answer = (await response.json()) as typeof body;
    expect([response.status, answer.error]).toEqual([200, undefined]);
    check(name, all(), answer.outputs ?? []);
  });

  function check(
    name: string,
    rows: readonly number[],
    outputs: readonly { name: string; data: (string | number)[] }[],
  ): void {
    for (const { name: output, data } of outputs) {
      const width = data.length / rows.length;
      const lists = rows.map((_, i) => data.slice(i * width, (i + 1) * width));
      if (width > 1) expectAnswers(name, rows, { probabilities: lists as number[][] });
      else expectAnswers(name, rows, output === "variable" ? { values: data as number[] } : { labels: data });
    }
  }

  it.each(NAMES)("%s: every form of MLflow", async (name) => {
    const split = { columns: FEATURES, data: all().map((row) => FEATURES.map((column) => at(row, column))) };
    const columns = Object.fromEntries(FEATURES.map((column) => [column, all().map((row) => at(row, column))]));
    const cell = (value: Value) =>
      value === null ? "" : /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
    const csv = [FEATURES.join(), ...split.data.map((row) => row.map(cell).join())].join("\n");
    const bodies: [string, unknown, string][] = [
      ["split", { dataframe_split: split }, "application/json"],
      ["records", { dataframe_records: all().map(record) }, "application/json"],
      ["inputs", { inputs: columns }, "application/json"],
      ["instances", { instances: split.data }, "application/json"],
      ["csv", csv, "text/csv"],
    ];
    for (const [form, sent, type] of bodies) {
      const { status, body } = await serving.call(`/endpoints/${name}/invocations`, sent, {
        headers: { "content-type": type },
      });
      expect([form, status, body["message"]]).toEqual([form, 200, undefined]);
      expectAnswers(name, all(), { labels: body["predictions"] as unknown[] });
    }
  });
});

/** Little-endian values; a text is its length in four bytes and its UTF-8. A missing number is NaN. */
function rawTensor(datatype: "FP32" | "INT64" | "BYTES", values: readonly Value[]): Buffer {
  if (datatype === "FP32") return Buffer.from(Float32Array.from(values, (v) => Number(v ?? Number.NaN)).buffer);
  if (datatype === "INT64") return Buffer.from(BigInt64Array.from(values, (v) => BigInt(v ?? 0)).buffer);
  return Buffer.concat(
    values.flatMap((value) => {
      const text = Buffer.from(String(value));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      return [length, text];
    }),
  );
}

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canonicalJson } from "#server/kernel/canonical-json.ts";
import { localPath, putFile, putBuffer } from "#server/platform/objects.ts";
import { testDataDir } from "#server/platform/testing/database.ts";
import { SAMPLE_PYTHON } from "#server/platform/testing/sample-python.ts";
import { readMLmodel, readPyfuncSignature } from "#server/registry/index.ts";
import type { PlanEntry } from "#server/serving/contract.ts";
import { readProcessTable } from "../isolation/process-table.ts";
import { serve, type TestServing } from "./testing/serve.ts";
import { models } from "../runtimes/models.ts";
import { provideEnvironments } from "../runtimes/pyfunc/environments.ts";

testDataDir();

interface Facts {
  rows: Record<string, string | number | boolean>[];
  labels: string[];
  probabilities: number[];
}

describe.skipIf(!existsSync(SAMPLE_PYTHON))("a model that only Python can load", () => {
  let folder: string;
  let facts: Facts;
  let serving: TestServing;
  let entries: Record<"delay" | "tensors", PlanEntry>;

  const entryOf = async (name: string): Promise<PlanEntry> => {
    const dir = path.join(folder, name);
    const files = await Promise.all(
      readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((file) => file.isFile())
        .map(async (file) => {
          const full = path.join(file.parentPath, file.name);
          const stored = await putFile(full);
          return { path: path.relative(dir, full), sha256: stored.sha256, sizeBytes: stored.sizeBytes };
        }),
    );
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    const { sha256 } = await putBuffer(canonicalJson({ kind: "touchstone.model-folder", files }));
    return {
      endpointId: `endpoint-${name}`,
      projectId: "project-1",
      modelId: `model-${name}`,
      modelVersionId: `version-${name}`,
      version: 4,
      runtime: "pyfunc",
      sha256,
      path: await localPath(sha256),
      signature: readPyfuncSignature(readMLmodel(readFileSync(path.join(dir, "MLmodel"), "utf8"))),
    };
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "pyfunc-"));
    execFileSync(SAMPLE_PYTHON, [path.join(import.meta.dirname, "testing/pyfunc_models.py"), folder], {
      stdio: "pipe",
    });
    facts = JSON.parse(readFileSync(path.join(folder, "facts.json"), "utf8")) as Facts;
    const home = execFileSync(SAMPLE_PYTHON, ["-c", "import sys; print(sys.base_prefix)"]).toString().trim();
    provideEnvironments(() =>
      Promise.resolve({ interpreter: SAMPLE_PYTHON, folders: [path.dirname(path.dirname(SAMPLE_PYTHON)), home] }),
    );
    entries = { delay: await entryOf("delay"), tensors: await entryOf("tensors") };
    serving = await serve(entries);
  }, 240_000);
  afterAll(async () => {
    await serving.stop();
    await rm(folder, { recursive: true });
  });

  const tensorsOf = (rows: Facts["rows"]) =>
    entries.delay.signature.inputs.map(({ name, datatype }) => ({
      name,
      datatype,
      shape: [rows.length, 1],
      data: rows.map((row) => row[name]),
    }));

  test("states its signature from MLmodel, and what its outputs mean", () => {
    const { signature } = entries.delay;
    expect(signature.inputs.map(({ name, datatype }) => [name, datatype])).toEqual([
      ["size", "FP64"],
      ["count", "INT64"],
      ["flag", "BOOL"],
      ["city", "BYTES"],
      ["when", "BYTES"],
    ]);
    expect(signature).toMatchObject({
      task: "classification",
      classes: ["on time", "late"],
      positive: "late",
      roles: { label: "label", probabilities: "probability" },
    });
    expect(() => readPyfuncSignature(readMLmodel(readFileSync(path.join(folder, "unsigned/MLmodel"), "utf8")))).toThrow(
      "states no signature",
    );
  });

  test("answers in every form exactly as Python's own predict", async () => {
    const infer = await serving.call("/v2/models/delay/infer", { inputs: tensorsOf(facts.rows) });
    expect(infer.status).toBe(200);
    const output = (name: string) => infer.body.outputs?.find((each) => each.name === name)?.data;
    expect(output("label")).toEqual(facts.labels);
    expect(output("probability")).toEqual(facts.probabilities);
    const invocations = await serving.call("/endpoints/delay/invocations", {
      dataframe_records: facts.rows.slice(0, 3),
    });
    expect(invocations.status).toBe(200);
    expect(JSON.stringify(invocations.body)).toContain(String(facts.probabilities[0]));
    const plain = await serving.call("/v2/models/delay/predict", { features: facts.rows[0] });
    expect(plain.body["predictions"]).toMatchObject([{ label: facts.labels[0] }]);
    const single = await serving.call("/v2/models/tensors/infer", {
      inputs: [{ name: "input", datatype: "FP64", shape: [2, 3], data: [1, 2, 3, 0.1, 0.2, 0.7] }],
    });
    expect(single.body.outputs).toMatchObject([
      { name: "value", data: [6, 0.1 + 0.2 + 0.7] },
      { name: "twice", shape: [2, 3], data: [2, 4, 6, 0.2, 0.4, 1.4] },
    ]);
    expect((await serving.call("/v2/models/delay")).body["platform"]).toBe("mlflow_pyfunc");
  });

  test("is scored by the checks through the same interface", async () => {
    const { rows } = facts;
    const columns = {
      size: Float64Array.from(rows, (row) => Number(row["size"])),
      count: Float64Array.from(rows, (row) => Number(row["count"])),
      flag: Float64Array.from(rows, (row) => Number(row["flag"])),
      city: rows.map((row) => String(row["city"])),
      when: rows.map((row) => String(row["when"])),
    };
    const scores = await models.scoreTable(entries.delay, columns, rows.length);
    expect(scores.labels).toEqual(facts.labels);
    expect(Array.from(scores.probabilities ?? []).filter((_, i) => i % 2 === 1)).toEqual(facts.probabilities);
  }, 120_000);

  test("a row that it cannot compute is refused alone; one that ends its process costs that moment and no more", async () => {
    const row = facts.rows[0] ?? {};
    const refused = await serving.call("/v2/models/delay/predict", { features: { ...row, size: -1e7 } });
    expect(refused).toMatchObject({ status: 400, body: { error: expect.stringContaining("never seen") } });
    const crashed = await serving.call("/v2/models/delay/predict", { features: { ...row, size: 1e7 } });
    expect(crashed).toMatchObject({ status: 503, body: { error: expect.stringContaining("exit code 11") } });
    await backAgain(row);
  }, 120_000);

  test("comes back after kill -9", async () => {
    const host = readProcessTable().filter(({ pid }) => commandOf(pid).includes("pyfunc_host.py"));
    for (const { pid } of host)
      if (!/unshare|bwrap|setpriv|\/bin\/sh/.test(commandOf(pid))) process.kill(pid, "SIGKILL");
    await backAgain(facts.rows[0] ?? {});
  }, 120_000);

  test("whose files are not what was registered is not loaded", async () => {
    const changed = path.join(folder, "changed.json");
    writeFileSync(changed, readFileSync(entries.delay.path, "utf8").replace("MLmodel", "MLmodeI"));
    await expect(models.load({ ...entries.delay, path: changed })).rejects.toThrow("is not what was registered");
  });

  async function backAgain(row: Facts["rows"][number]): Promise<void> {
    for (let i = 0; i < 200; i += 1) {
      const { status, body } = await serving.call("/v2/models/delay/predict", { features: row });
      if (status === 200) {
        expect(body["predictions"]).toMatchObject([{ label: facts.labels[0] }]);
        return;
      }
      expect(status).toBe(503);
      await sleep(300);
    }
    throw new Error("it did not come back");
  }
});

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

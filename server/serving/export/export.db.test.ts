import { execFile } from "node:child_process";
import { createPublicKey, verify } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ModelSignature } from "#server/registry/contract.ts";
import { registerVersion } from "#server/registry/index.ts";
import { localPath, putBuffer, putFile } from "#server/platform/objects.ts";
import { prisma } from "#server/platform/db.ts";
import { testDatabase } from "#server/platform/testing/database.ts";
import { somePeople } from "#server/platform/testing/people.ts";
import { SAMPLE_PYTHON } from "#server/platform/testing/sample-python.ts";
import { everythingEntry, type Served } from "#worker/serving/testing/everything.ts";
import { serve } from "#worker/serving/testing/serve.ts";
import { exportVersion } from "../index.ts";

testDatabase();
const run = promisify(execFile);
const ROOT = path.join(import.meta.dirname, "../../..");
const FIXTURES = path.join(ROOT, "server/registry/fixtures");
const facts = JSON.parse(readFileSync(path.join(FIXTURES, "facts.json"), "utf8")) as Record<
  "columns" | "regression",
  { signature: unknown; answers: { rows: Record<string, unknown[]>; outputs: Record<string, unknown[]> } }
>;

let people: Awaited<ReturnType<typeof somePeople>>;
let folder: string;
beforeAll(async () => {
  people = await somePeople();
  folder = await mkdtemp(path.join(tmpdir(), "export-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Registers a fixture as a model of its name, exports it and unpacks the zip with other hands than ours. */
async function exported(name: "columns" | "regression", golden?: object): Promise<string> {
  const { sha256 } = await putFile(path.join(FIXTURES, `${name}.onnx`));
  const goldenSha256 = golden ? (await putBuffer(JSON.stringify(golden))).sha256 : undefined;
  await registerVersion(people.alice, people.project.id, { model: name, sha256, goldenSha256, metrics: { auc: 0.9 } });
  const bundle = await exportVersion(people.carol, people.project.id, { name, version: "1" });
  expect(bundle.name).toBe(`${name}-v1.zip`);
  await writeFile(path.join(folder, bundle.name), bundle.stream);
  await run("python3", ["-m", "zipfile", "-e", path.join(folder, bundle.name), folder]);
  return path.join(folder, `${name}-v1`);
}

async function predictions(program: string, script: string, at: string): Promise<Record<string, unknown>[]> {
  const { stdout } = await run(program, [path.join(at, script), path.join(at, "rows.json")], { cwd: folder });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** What an endpoint with this version answers to the rows that went with it. */
async function served(name: "columns" | "regression", at: string): Promise<Record<string, unknown>[]> {
  const { sha256 } = await prisma().modelVersion.findFirstOrThrow({ where: { model: { name } } });
  const serving = await serve({
    [name]: {
      endpointId: "e",
      projectId: "p",
      modelId: "m",
      modelVersionId: "v",
      version: 1,
      sha256: sha256 ?? "",
      path: await localPath(sha256 ?? ""),
      signature: ModelSignature.parse(facts[name].signature),
    },
  });
  const features = JSON.parse(await readFile(path.join(at, "rows.json"), "utf8")) as object[];
  const { body } = await serving.call(`/v2/models/${name}/predict`, { features });
  await serving.stop();
  return (body["predictions"] as Record<string, unknown>[]).map(({ id: _, ...answer }) => answer);
}

test("a version leaves with all it takes to run it, and its runners answer as its endpoint does", {
  timeout: 90_000,
}, async () => {
  const { rows, outputs } = facts.columns.answers;
  const at = await exported("columns", { inputs: rows, outputs: { label: outputs["label"] }, framework: "onnx" });
  expect((await readdir(at)).sort()).toEqual(
    "Containerfile README.md SHA256SUMS SHA256SUMS.sig card.json golden.json labels.json model.onnx package.json requirements.txt rows.json run.mjs run.py signature.json signing-key.pem".split(
      " ",
    ),
  );
  const { stdout } = await run("sha256sum", ["--check", "SHA256SUMS"], { cwd: at });
  expect(stdout.trim().split("\n")).toHaveLength(12);
  expect(stdout).not.toContain("FAILED");
  const sums = await readFile(path.join(at, "SHA256SUMS"));
  const [key, signature] = await Promise.all(
    ["signing-key.pem", "SHA256SUMS.sig"].map((file) => readFile(path.join(at, file))),
  );
  expect(verify(null, sums, createPublicKey(key ?? ""), signature ?? Buffer.alloc(0))).toBe(true);
  expect(verify(null, Buffer.concat([sums, sums]), createPublicKey(key ?? ""), signature ?? Buffer.alloc(0))).toBe(
    false,
  );
  const card = JSON.parse(await readFile(path.join(at, "card.json"), "utf8")) as object;
  expect(card).toMatchObject({
    model: "columns",
    version: 1,
    metrics: { auc: 0.9 },
    approvals: [],
    golden: { rows: 4 },
  });
  expect(JSON.parse(await readFile(path.join(at, "golden.json"), "utf8"))).toMatchObject({
    inputs: rows,
    framework: "onnx",
  });

  await symlink(path.join(ROOT, "node_modules"), path.join(at, "node_modules"));
  const home = await mkdtemp(path.join(folder, "home-"));
  const alone = { cwd: folder, env: { NODE_ENV: "production" as const, PATH: "/usr/bin:/bin", HOME: home } };
  await run(process.execPath, [path.join(at, "run.mjs"), path.join(at, "rows.json")], alone);
  if (existsSync(SAMPLE_PYTHON)) await run(SAMPLE_PYTHON, [path.join(at, "run.py"), path.join(at, "rows.json")], alone);
  // Where ONNX Runtime reports to its maker it keeps an id and what is to be sent here.
  expect(await readdir(home, { recursive: true })).toEqual([]);

  const answers = await served("columns", at);
  expect(answers).toHaveLength(4);
  expect(await predictions(process.execPath, "run.mjs", at)).toEqual(answers);
  if (existsSync(SAMPLE_PYTHON)) expect(await predictions(SAMPLE_PYTHON, "run.py", at)).toEqual(answers);
  const event = await prisma().auditEvent.findFirst({ where: { action: "model.exported" } });
  expect(event?.summary).toBe("Carol exported columns version 1");
});

test("a regression over one wide input runs as well, with any rows of that shape", { timeout: 90_000 }, async () => {
  const at = await exported("regression");
  expect(JSON.parse(await readFile(path.join(at, "rows.json"), "utf8"))).toEqual([{ x: [0, 0, 0] }]);
  await symlink(path.join(ROOT, "node_modules"), path.join(at, "node_modules"));
  await writeFile(path.join(at, "rows.json"), JSON.stringify([{ x: [1, 2, 3] }, { x: [-0.5, 0.25, 4] }]));
  const answers = await served("regression", at);
  expect(await predictions(process.execPath, "run.mjs", at)).toEqual(answers);
  // As into a container, from somebody who is not ready at once.
  const late = await run("sh", ["-c", '(sleep 0.5; cat rows.json) | "$0" run.mjs', process.execPath], { cwd: at });
  expect(
    late.stdout
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line)),
  ).toEqual(answers);
  if (existsSync(SAMPLE_PYTHON)) expect(await predictions(SAMPLE_PYTHON, "run.py", at)).toEqual(answers);
});

/** Values at the edges of each datatype; texts with what JSON and UTF-8 make hard. */
const EDGES: Readonly<Record<Served, unknown[]>> = {
  BOOL: [true, false],
  UINT8: [0, 255],
  UINT16: [0, 65_535],
  UINT32: [0, 4_294_967_295],
  UINT64: [0, Number.MAX_SAFE_INTEGER],
  INT8: [-128, 127],
  INT16: [-32_768, 32_767],
  INT32: [-2_147_483_648, 2_147_483_647],
  INT64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  FP16: [1.5, -65_504],
  FP32: [0.1, -3.4e38],
  FP64: [0.1, 1e300],
  BYTES: ['Tromsø, "9000"', ""],
};

test("the runners take every datatype that an endpoint takes, and refuse what it refuses", {
  timeout: 90_000,
}, async () => {
  const entry = everythingEntry(path.join(folder, "everything.onnx"));
  const { sha256 } = await putFile(entry.path);
  await registerVersion(people.alice, people.project.id, { model: "everything", sha256 });
  const { stream } = await exportVersion(people.carol, people.project.id, { name: "everything", version: "1" });
  await writeFile(path.join(folder, "everything.zip"), stream);
  await run("python3", ["-m", "zipfile", "-e", path.join(folder, "everything.zip"), folder]);
  const at = path.join(folder, "everything-v1");
  await symlink(path.join(ROOT, "node_modules"), path.join(at, "node_modules"));
  // Its first floats would be read as probabilities; here every output is to be seen as it is.
  await writeFile(path.join(at, "signature.json"), JSON.stringify(entry.signature));
  const runners: [string, string][] = [
    [process.execPath, "run.mjs"],
    ...(existsSync(SAMPLE_PYTHON) ? [[SAMPLE_PYTHON, "run.py"] satisfies [string, string]] : []),
  ];

  const edges = Object.fromEntries(Object.entries(EDGES).map(([datatype, values]) => [`in_${datatype}`, values]));
  const other = { ...edges, in_INT64: [7, -7], in_BYTES: ["a", "b"], in_BOOL: [false, false] };
  await writeFile(path.join(at, "rows.json"), JSON.stringify([edges, other]));
  const serving = await serve({ everything: { ...entry, modelId: "m" } });
  const { body } = await serving.call("/v2/models/everything/predict", { features: [edges, other] });
  const answers = (body["predictions"] as Record<string, unknown>[]).map(({ id: _, ...answer }) => answer);
  expect(answers[0]).toMatchObject({
    outputs: { out_INT64: EDGES.INT64, out_BYTES: EDGES.BYTES, out_BOOL: [true, false] },
  });
  for (const [program, script] of runners) expect(await predictions(program, script, at)).toEqual(answers);

  const wrongs: [string, unknown, string][] = [
    ["INT8", [1, 300], "a whole number from -128 to 127, got 300"],
    ["INT32", [1, 1.5], "a whole number from -2147483648 to 2147483647, got 1.5"],
    ["INT32", [1, null], "got null"],
    ["INT64", [1, null], "got null"],
    ["UINT64", [1, -1], "got -1"],
    ["INT64", [1, 2 ** 53], "got 9007199254740992"],
    ["BOOL", [true, null], "true or false, got null"],
    ["BOOL", [true, 1], "true or false, got 1"],
    ["FP16", [1, 70_000], "got 70000"],
    ["FP32", [1, "2"], 'got "2"'],
    ["BYTES", ["a", 3], "a text, got 3"],
    ["FP64", [1], "expected 2 values, got 1"],
  ];
  for (const [datatype, values, said] of wrongs) {
    const row = { ...edges, [`in_${datatype}`]: values };
    expect((await serving.call("/v2/models/everything/predict", { features: [row] })).status).toBe(400);
    await writeFile(path.join(at, "rows.json"), JSON.stringify([other, row]));
    await Promise.all(
      runners.map(async ([program, script]) => {
        const failed = await predictions(program, script, at).catch((error: unknown) => error);
        expect(failed).toMatchObject({
          code: 1,
          stderr: expect.stringContaining(`rows[1].in_${datatype}: `) as string,
        });
        expect(failed).toMatchObject({ stderr: expect.stringContaining(said) as string });
      }),
    );
  }
  await serving.stop();
});

test("nobody exports what is not there for them, nor a version without a file, nor a file that was changed", async () => {
  const input = { name: "columns", version: "1" };
  await expect(exportVersion(people.eve, people.project.id, input)).rejects.toMatchObject({ code: "not_found" });
  await registerVersion(people.alice, people.project.id, { model: "bare" });
  await expect(exportVersion(people.alice, people.project.id, { name: "bare", version: "1" })).rejects.toMatchObject({
    code: "conflict",
  });
  const { sha256, sizeBytes } = await putFile(path.join(FIXTURES, "columns.onnx"));
  const file = await localPath(sha256);
  await chmod(file, 0o644);
  const before = await readFile(file);
  await writeFile(file, Buffer.alloc(sizeBytes));
  const { stream } = await exportVersion(people.alice, people.project.id, input);
  await expect(stream.toArray()).rejects.toThrow("is not what its name says");
  await writeFile(file, before);
});

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { startCluster } from "#bin/launch/cluster.ts";
import { addVersion } from "#server/data/index.ts";
import { systemActor } from "#server/identity/index.ts";
import { closeDatabase } from "#server/platform/db.ts";
import { deploy } from "#server/platform/deploy.ts";
import { resetEnv } from "#server/platform/env.ts";
import { closeChanges } from "#server/platform/events.ts";
import { stopQueue } from "#server/platform/jobs.ts";
import { log } from "#server/platform/log.ts";
import { putFile } from "#server/platform/objects.ts";
import { createProject } from "#server/projects/index.ts";
import { registerVersion } from "#server/registry/index.ts";
import { getScoring, jobs, startScoring } from "#server/serving/index.ts";
import { models } from "#worker/runtimes/models.ts";
import { onnxTypes } from "#worker/runtimes/onnx/forest/onnx-graph.ts";
import { forestFile } from "#worker/runtimes/onnx/forest/testing/flat-forest.ts";

// A batch scoring as a worker does it, on a Postgres of its own: 1,000,000 rows of 20 columns of Parquet through a forest of 100 trees, predictions
// registered as a dataset version. Beside it the same file and model with onnxruntime and pyarrow from PyPI in Python, which registers nothing.
// `npm run bench:batch-scoring -- [rows]`
const ROWS = Number(process.argv[2] ?? 1_000_000);
if (!Number.isInteger(ROWS) || ROWS < 1)
  throw new Error(`rows: '${process.argv[2] ?? ""}' is no number of rows; give one, or nothing for 1,000,000.`);
const COLUMNS = 20;
const [TREES, DEPTH] = [100, 6];
const LIMIT_S = 60;
const PEER = "node_modules/.cache/batch-peer";
const PACKAGES = ["onnxruntime==1.22.1", "pyarrow==21.0.0", "numpy==2.2.6"];
const PEER_CODE = `import resource, sys, time
import numpy as np, onnxruntime as ort, pyarrow as pa, pyarrow.parquet as pq
source, model, out, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
began = time.perf_counter()
options = ort.SessionOptions()
options.intra_op_num_threads = threads
session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
names = [i.name for i in session.get_inputs()]
writer, rows = None, 0
for batch in pq.ParquetFile(source).iter_batches(65536):
    table = pa.Table.from_batches([batch])
    feed = {n: table.column(n).to_numpy().astype(np.float32).reshape(-1, 1) for n in names}
    (value,) = session.run(["value"], feed)
    table = table.append_column("predicted_value", pa.array(value[:, 0].astype(np.float64)))
    writer = writer or pq.ParquetWriter(out, table.schema, compression="zstd")
    writer.write_table(table)
    rows += table.num_rows
writer.close()
print(rows, time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
`;

/** A forest over 20 inputs, one per column, whose leaves differ. */
function modelFile(): Uint8Array {
  interface Attribute {
    name: string;
    ints: number[];
    floats: number[];
  }
  const type = onnxTypes.lookupType("Model");
  const model = type.toObject(type.decode(forestFile(TREES, DEPTH, 1)), { longs: Number }) as {
    graph: { node: { attribute: Attribute[] }[]; input: { name: string; type: unknown }[] };
  };
  const [forest] = model.graph.node;
  const [input] = model.graph.input;
  for (const attribute of forest?.attribute ?? []) {
    if (attribute.name === "nodes_featureids") attribute.ints = attribute.ints.map((_, i) => (i * 7) % COLUMNS);
    if (attribute.name === "target_weights") attribute.floats = attribute.floats.map((_, i) => Math.cos(i));
  }
  const names = Array.from({ length: COLUMNS }, (_, i) => `f${i}`);
  const one = { tensor: { elemType: 1, shape: { dim: [{ name: "rows" }, { value: 1 }] } } };
  const concat = {
    input: names,
    output: [input?.name],
    opType: "Concat",
    attribute: [{ name: "axis", i: 1, type: 2 }],
  };
  const graph = { ...model.graph, node: [concat, forest], input: names.map((name) => ({ name, type: one })) };
  return type.encode(type.fromObject({ ...model, graph })).finish();
}

async function writeRows(file: string): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const cells = Array.from({ length: COLUMNS }, (_, i) => `sin(i * ${i + 1} + ${i})::double as f${i}`).join(", ");
  await connection.run(
    `copy (select i as id, ${cells} from range(${ROWS}) t (i)) to '${file}' (format parquet, compression zstd)`,
  );
  connection.closeSync();
  instance.closeSync();
}

/** Runs `work` and gives its seconds, those of the processor, which other work on the machine hardly changes, and the largest resident memory in MiB. */
async function watched(work: () => Promise<void>): Promise<{ seconds: number; cpu: number; peak: number }> {
  let peak = 0;
  const look = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const began = performance.now();
  const used = process.cpuUsage();
  await work();
  clearInterval(look);
  const { user, system } = process.cpuUsage(used);
  return { seconds: (performance.now() - began) / 1000, cpu: (user + system) / 1e6, peak: peak / 2 ** 20 };
}

function peer(source: string, model: string, out: string, threads: number): { seconds: number; peak: number } | null {
  const python = path.join(PEER, "bin/python3");
  if (!existsSync(python)) {
    const made = spawnSync("python3", ["-m", "venv", PEER], { encoding: "utf8" });
    const installed =
      made.status === 0 && spawnSync(python, ["-m", "pip", "install", "-q", ...PACKAGES], { encoding: "utf8" });
    if (!installed || installed.status !== 0) {
      rmSync(PEER, { recursive: true, force: true });
      console.log(
        `the peer is left out: ${(installed ? installed.stderr : made.stderr).trim().split("\n").at(-1) ?? ""}`,
      );
      return null;
    }
  }
  const ran = spawnSync(python, ["-c", PEER_CODE, source, model, out, String(threads)], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(ran.stderr);
  const [, seconds = 0, peak = 0] = ran.stdout.trim().split(" ").map(Number);
  return { seconds, peak };
}

const dir = mkdtempSync(path.join(tmpdir(), "bench-scoring-"));
const cluster = await startCluster(path.join(dir, "postgres"));
try {
  process.env["DATABASE_URL"] = cluster.url("postgres");
  process.env["DATA_DIR"] = dir;
  resetEnv();
  await deploy(cluster.url("postgres"));
  await measure();
} finally {
  await stopQueue();
  await closeChanges();
  await closeDatabase();
  await cluster.stop();
  rmSync(dir, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const actor = systemActor("bench");
  const source = path.join(dir, "rows.parquet");
  const onnx = path.join(dir, "forest.onnx");
  await writeRows(source);
  writeFileSync(onnx, modelFile());
  const project = await createProject(actor, { slug: "bench", name: "Bench" });
  await addVersion(actor, project.id, {
    dataset: "rows",
    filePath: source,
    fileName: "rows.parquet",
    origin: { kind: "upload", fileName: "rows.parquet" },
    create: { source: "", licence: "", description: "" },
  });
  const { sha256 } = await putFile(onnx);
  await registerVersion(actor, project.id, { model: "forest", sha256 });
  const { id, number } = await startScoring(actor, project.id, {
    model: "forest",
    version: "1",
    dataset: "rows",
    into: "scored",
  });
  const handle = await jobs.find((job) => job.name === "serving.run-scoring")?.handler();
  const before = process.memoryUsage().rss / 2 ** 20;
  const ours = await watched(async () => {
    await handle?.({ projectId: project.id, workId: id } as never, {
      log,
      signal: new AbortController().signal,
      models,
    });
  });
  const done = await getScoring(actor, project.id, { number });
  if (done.status !== "done") throw new Error(done.error?.message ?? done.status);

  const line = (name: string, { seconds, peak }: { seconds: number; peak: number }) =>
    console.log(
      `${name.padEnd(52)}${seconds.toFixed(1).padStart(8)} s${Math.round(ROWS / seconds)
        .toLocaleString("en")
        .padStart(12)} rows/s${Math.round(peak).toString().padStart(8)} MiB at most`,
    );
  console.log(
    `${ROWS.toLocaleString("en")} rows × ${COLUMNS} columns, ${TREES} trees of depth ${DEPTH}; source ${Math.round(statSync(source).size / 2 ** 20)} MiB, predictions with all columns ${Math.round((done.result?.sizeBytes ?? 0) / 2 ** 20)} MiB\n`,
  );
  line("Touchstone: read, check, score, write, register", ours);
  console.log(
    `${"  of which beyond the process before".padEnd(52)}${Math.round(ours.peak - before)
      .toString()
      .padStart(32)} MiB`,
  );
  console.log(`${"  of which processor".padEnd(52)}${ours.cpu.toFixed(1).padStart(8)} s`);
  for (const threads of [1, 0]) {
    const other = peer(source, onnx, path.join(dir, "peer.parquet"), threads);
    if (other)
      line(`onnxruntime + pyarrow, ${threads === 1 ? "1 thread" : "its default threads"}: read, score, write`, other);
  }
  const limit = (LIMIT_S * ROWS) / 1_000_000;
  console.log(`\nlimit ${limit.toFixed(0)} s: ${ours.seconds <= limit ? "kept" : "MISSED"}`);
  if (ours.seconds > limit) process.exitCode = 1;
}

import { describe, expect, test } from "vitest";
import { compareFiles, compareHistory, compareMetrics, verdictOf, withoutIds } from "./compare-runs.ts";
import { pinFile } from "./pin-file.ts";
import { withoutRegistering } from "./reproduce-run.ts";
import { requirePipelineFile } from "./pipeline-file.ts";
import { seedOf } from "./run-environments.ts";
import { mergeStated, parseEnvironmentYaml, parseRequirements } from "./stated-environment.ts";

const EXACT = { absolute: 0, relative: 0, histories: false };
const LOOSE = { absolute: 1e-9, relative: 1e-6, histories: true };
const verdicts = (rows: readonly { name: string; verdict: string }[]) =>
  Object.fromEntries(rows.map((row) => [row.name, row.verdict]));

describe("what a client states of its environment", () => {
  test("requirements: exact versions, extras and markers; options and comments are none", () => {
    expect(
      parseRequirements(
        '-i https://x\n# note\nMLflow==3.4.0\nscikit_learn[all]>=1.2,<2 ; python_version > "3"\npandas\n--find-links y\n',
      ),
    ).toEqual({ mlflow: "3.4.0", "scikit-learn": ">=1.2,<2", pandas: "any" });
  });
  test("conda.yaml and python_env.yaml as MLflow writes them", () => {
    const conda =
      "channels:\n- conda-forge\ndependencies:\n- python=3.11.9\n- pip<=24\n- pip:\n  - mlflow==3.4.0\n  - numpy==2.1.0\nname: mlflow-env\n";
    expect(parseEnvironmentYaml(conda)).toMatchObject({
      python: "3.11.9",
      packages: { mlflow: "3.4.0", numpy: "2.1.0" },
    });
    const env = "python: 3.12.1\nbuild_dependencies:\n- pip==24.0\ndependencies:\n- -r requirements.txt\n";
    expect(parseEnvironmentYaml(env)).toEqual({ python: "3.12.1", packages: { pip: "24.0" } });
  });
  test("of several files the exact version wins", () => {
    const merged = mergeStated([
      { python: null, packages: { a: ">=1", b: "2" } },
      { python: "3.12", packages: { a: "1.5", b: "3" } },
    ]);
    expect(merged).toEqual({ python: "3.12", packages: { a: "1.5", b: "2" } });
  });
  test("a seed is what is named like one, in the run before the pipeline", () => {
    expect(seedOf({ depth: "3", random_state: "7" }, { seed: 1 })).toEqual({ name: "random_state", value: "7" });
    expect(seedOf({ state: "Ohio" }, { split_seed: 1 })).toEqual({ name: "split_seed", value: "1" });
    expect(seedOf({ state: "Ohio", seeds: "3" })).toBeNull();
  });
});

describe("a run beside its repetition", () => {
  test("metrics: identical, within the tolerance, different, missing; time is explained; NaN equals NaN", () => {
    const a = { same: 1, near: 1, far: 1, gone: 1, fit_seconds: 3, nan: null };
    const b = { same: 1, near: 1 + 5e-7, far: 1.1, fit_seconds: 4, nan: null, fresh: 2 };
    expect(verdicts(compareMetrics(a, b, LOOSE))).toEqual({
      same: "equal",
      near: "within",
      far: "different",
      gone: "different",
      fit_seconds: "explained",
      nan: "equal",
      fresh: "different",
    });
    expect(verdicts(compareMetrics({ near: 1 }, { near: 1 + 5e-7 }, EXACT))).toEqual({ near: "different" });
  });
  test("histories differ from the first step that does", () => {
    const course = (last: number) => [
      { step: 0, value: 1 },
      { step: 10, value: last },
    ];
    expect(compareHistory("loss", course(0.5), course(0.5), LOOSE).verdict).toBe("equal");
    expect(compareHistory("loss", course(0.5), course(0.6), LOOSE)).toMatchObject({
      verdict: "different",
      note: "from step 10 on: 0.5 against 0.6",
    });
    expect(compareHistory("loss", course(1), course(1).slice(1), LOOSE).verdict).toBe("different");
  });
  test("files: by hash, and explained where only ids and times differ", async () => {
    const texts: Record<string, string> = {
      a1: '{"run_id": "11111111111111111111111111111111", "at": "2026-11-20 21:00:00.123", "auc": 0.9}',
      a2: '{"run_id": "22222222222222222222222222222222", "at": "2026-11-21T08:00:00Z", "auc": 0.9}',
      b1: '{"auc": 0.9}',
      b2: '{"auc": 0.8}',
    };
    const files = (of: Record<string, string>) =>
      new Map(Object.entries(of).map(([path, sha256]) => [path, { sha256, sizeBytes: 10 }]));
    const rows = await compareFiles(
      files({ "card.json": "a1", "metrics.json": "b1", "model.onnx": "m", gone: "g" }),
      files({ "card.json": "a2", "metrics.json": "b2", "model.onnx": "m" }),
      { original: ["1".repeat(32)], repeated: ["2".repeat(32)] },
      (file) => Promise.resolve(texts[file.sha256] ?? null),
    );
    expect(verdicts(rows)).toEqual({
      "card.json": "explained",
      "metrics.json": "different",
      "model.onnx": "equal",
      gone: "different",
    });
    // A content's own hash is no id.
    expect(withoutIds(`digest ${"a".repeat(32)}`, [], "card.json")).toContain("a".repeat(32));
  });
  test("the verdict counts results, not the machine", () => {
    const none = { metrics: [], params: [], histories: [], artifacts: [], outputs: [], environment: [] };
    const row = (verdict: "equal" | "different", name = "auc") => ({
      name,
      original: "1",
      repeated: "2",
      verdict,
      note: null,
    });
    expect(verdictOf({ ...none, metrics: [row("equal")], environment: [row("different", "Processor")] })).toEqual({
      status: "equal",
      summary: "Equal in 1 metric.",
    });
    expect(verdictOf({ ...none, metrics: [row("different")], outputs: [row("different", "train.model")] })).toEqual({
      status: "different",
      summary: "2 differences: auc 1 against 2; output train.model.",
    });
  });
});

const FILE = `# Trains.
version: 1
name: demo
params:
  seed: 7 # lucky
  label: "late"
  rate: 0.5
steps:
  ingest: {run: "true", inputs: {raw: "dataset:birds", old: "dataset:birds@1"}, outputs: {o: out}}
  train:
    run: "true"
    inputs: {i: ingest.o}
    outputs: {m: model}
  register: {uses: register, with: {model: train.m, name: birds}}
  after: {run: "true", needs: [register]}
`;

test("a fork writes values into the file and leaves everything else as it was", () => {
  const pinned = pinFile(FILE, {
    params: { seed: 42, label: "it's", rate: 0.5, gone: 1 },
    datasets: { birds: 3 },
    cell: null,
  });
  expect(pinned.changes).toEqual(["seed: 7 → 42", "label: late → it's", "dataset birds: newest → version 3"]);
  expect(pinned.text).toBe(
    FILE.replace("seed: 7", "seed: 42").replace('"late"', `"it's"`).replace('"dataset:birds"', '"dataset:birds@3"'),
  );
  expect(requirePipelineFile(pinned.text, "pipeline.yaml").params).toEqual({ seed: 42, label: "it's", rate: 0.5 });
  expect(pinFile(FILE, { params: { seed: 7 }, datasets: {}, cell: null })).toEqual({ text: FILE, changes: [] });
});

test("a fork keeps of a matrix the combination that made the run, however the file writes lists", () => {
  const file = `version: 1
name: demo
steps:
  train:
    run: "node train.js \${matrix.algo} \${matrix.rate} \${matrix.deep}"
    matrix:
      algo: ["1", forest] # both
      rate:
        - 0.10
        - 2
      # one is no choice
      deep: [true]
    outputs: {m: model}
  test: {run: "node test.js \${matrix.rate}", matrix: {rate: [1, 2]}}
`;
  const cell = { step: "train", values: { algo: "1", rate: 0.1, deep: true } };
  const pinned = pinFile(file, { params: {}, datasets: {}, cell });
  expect(pinned.changes).toEqual(["algo: 1, forest → 1", "rate: 0.1, 2 → 0.1"]);
  const spec = requirePipelineFile(pinned.text, "pipeline.yaml");
  expect(spec.steps.map((step) => step.matrix)).toEqual([{ algo: ["1"], rate: [0.1], deep: [true] }, { rate: [1, 2] }]);
  expect(pinned.text).toContain("# both");
  expect(pinned.text).toContain("# one is no choice");
  // What the file no longer offers is left as it is.
  expect(pinFile(file, { params: {}, datasets: {}, cell: { step: "train", values: { algo: "svm" } } }).changes).toEqual(
    [],
  );
});

test("a repetition registers nothing, nor runs what needs that", () => {
  const spec = withoutRegistering(requirePipelineFile(FILE, "pipeline.yaml"));
  expect(spec.steps.map((step) => step.id)).toEqual(["ingest", "train"]);
});

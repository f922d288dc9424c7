import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pipelineFileSchema } from "./file-schema.ts";
import { parsePipelineFile, requirePipelineFile } from "./pipeline-file.ts";
import { cellsOf } from "./spec.ts";
import { parseWord, renderWord, splitWords } from "./words.ts";

const HEAD = "version: 1\nname: demo\n";

/** "line:column message | remedy" of each problem. */
function problems(text: string): string[] {
  return parsePipelineFile(text).problems.map((p) => `${p.line}:${p.column} ${p.message} | ${p.remedy}`);
}
function specOf(text: string) {
  const { spec, problems: found } = parsePipelineFile(text);
  if (!spec) throw new Error(JSON.stringify(found));
  return spec;
}

test.each(["penguins", "flight-delays"])("the sample %s is a valid file", (sample) => {
  const spec = specOf(readFileSync(`examples/${sample}/pipeline.yaml`, "utf8"));
  expect(spec.steps.map((s) => [s.id, s.needs])).toEqual([
    ["ingest", []],
    ["validate", ["ingest"]],
    ["train", ["validate", "ingest"]],
    ["evaluate", ["ingest", "train"]],
    ["register", ["evaluate"]],
  ]);
  expect(spec.steps.map((s) => s.kind)).toEqual(["run", "run", "run", "run", "register"]);
});

test("defaults, retries and sizes are normalised", () => {
  const spec = specOf(`${HEAD}defaults: {retries: 1, timeout: 90s, resources: {memory: 512Mi, cpu: 0.5}}
steps:
  a: {run: "true"}
  b: {run: "true", retries: {max: 2, backoff: 5s, on: [failed]}, timeout: 2h, resources: {cpu: 3}}
`);
  expect(spec.steps[0]).toMatchObject({
    retries: { max: 1, backoffMs: 1000, on: ["lost", "oom"] },
    timeoutMs: 90_000,
    cpu: 0.5,
    memoryBytes: 512 * 2 ** 20,
  });
  expect(spec.steps[1]).toMatchObject({
    retries: { max: 2, backoffMs: 5000, on: ["failed"] },
    timeoutMs: 7_200_000,
    cpu: 3,
    memoryBytes: 512 * 2 ** 20,
  });
});

test("unknown keys are errors with their line, column and the key that was meant", () => {
  expect(
    problems(`${HEAD}stepz: {}
steps:
  a:
    run: "true"
    nedds: [b]
    resources: {cpus: 2}
`),
  ).toEqual([
    "3:1 Unknown key 'stepz' in the file. | Did you mean 'steps'?",
    "7:5 Unknown key 'nedds' in step 'a'. | Did you mean 'needs'?",
    "8:17 Unknown key 'cpus' in 'resources'. | Did you mean 'cpu'?",
  ]);
});

test.each([
  ["name: demo\nsteps:\n  a: {run: 'true'}\n", /^1:1 'version' is missing in the file\. \| Add it; it must be 1\.$/],
  [`${HEAD}steps:\n  a: {run: 'true', timeout: 10 minutes}\n`, /^4:29 'steps\.a\.timeout' must be a duration/],
  [
    `${HEAD}steps:\n  a: {run: 'true', resources: {memory: 2GB}}\n`,
    /^4:40 'steps\.a\.resources\.memory' must be a size/,
  ],
  [`${HEAD}steps:\n  a: {run: 'true', retries: {max: -1}}\n`, /^4:35 'steps\.a\.retries\.max' must not be negative/],
  [
    `${HEAD}steps:\n  a: {run: 'true', retries: {max: 1, on: [crash]}}\n`,
    /^4:43 'steps\.a\.retries\.on\.0' must be one of lost, oom, timeout, failed/,
  ],
  [
    `${HEAD}env: {python: 3.10, requirements: r.txt}\nsteps:\n  a: {run: python x.py}\n`,
    /^3:15 'env\.python' must be a text in quotes/,
  ],
  [`${HEAD}steps:\n  Train: {run: 'true'}\n`, /^4:3 'Train' is no name for a step/],
  [`${HEAD}steps:\n  a: {run: 'true', outputs: {o: ../up}}\n`, /^4:33 'steps\.a\.outputs\.o' must be a path inside/],
  [
    `${HEAD}steps:\n  a: {run: 'true', outputs: {o: /etc/passwd}}\n`,
    /^4:33 'steps\.a\.outputs\.o' must be a path inside/,
  ],
  [`${HEAD}steps:\n  a: {uses: deploy}\n`, /^4:13 'steps\.a\.uses' must be 'register'/],
  [`${HEAD}steps:\n  a: {needs: []}\n`, /^4:6 Step 'a' does nothing/],
  [`${HEAD}steps:\n  a: {run: python x.py}\n`, /^4:12 Step 'a' runs Python, but the file declares no environment/],
  [`${HEAD}steps:\n  a: {run: "node 'x"}\n`, /^4:18 The quote ' is never closed/],
  [
    `${HEAD}steps:\n  a:\n    run: >-\n      node x.ts\n      \${outputs.x}\n`,
    /^7:7 \$\{outputs\.x\} is not declared. \| There are none/,
  ],
  [`${HEAD}steps:\n  a: {run: "node \${secrets.x}"}\n`, /^4:18 \$\{secrets\.x\} means nothing here/],
  [`${HEAD}steps:\n  a: {run: "node \${inputs.x"}\n`, /^4:18 A \$\{ is never closed/],
  [`${HEAD}steps:\n  a: {run: 'true', inputs: {x: b.out}}\n`, /^4:32 There is no step 'b'/],
  [
    `${HEAD}steps:\n  a: {run: 'true', outputs: {out: o}}\n  b: {run: 'true', inputs: {x: a.oot}}\n`,
    /^5:32 Step 'a' has no output 'oot'. \| Did you mean 'out'\?/,
  ],
  [`${HEAD}steps:\n  a: {run: 'true', needs: [b]}\n`, /^4:28 There is no step 'b'/],
  [`${HEAD}steps:\n  a: {run: 'true', inputs: {x: "data:y"}}\n`, /^4:32 'data:y' is no reference/],
  [
    `${HEAD}steps:\n  a: {run: 'true', matrix: {m: [1, 2]}, outputs: {o: o}}\n  b: {run: 'true', inputs: {x: a.o}}\n`,
    /^5:32 'a' has a matrix, so 'a\.o' is many paths/,
  ],
  [
    `${HEAD}steps:\n  a: {run: 'true', outputs: {o: o}, gate: {output: o, metric: m}}\n`,
    /^4:43 'steps\.a\.gate' has no bound/,
  ],
  [
    `${HEAD}params: {t: high}\nsteps:\n  a: {run: 'true', outputs: {o: o}, gate: {output: o, metric: m, min: "\${params.t}"}}\n`,
    /^5:71 \$\{params\.t\} is not a number/,
  ],
  [`${HEAD}steps:\n  a: {run: 'true', matrix: {m: [1, "1"]}}\n`, /^4:32 The value '1' stands twice/],
  [
    `${HEAD}steps:\n  a: {run: 'true', matrix: {m: [${Array.from({ length: 40 }, (_, i) => i).join()}], n: [${Array.from({ length: 40 }, (_, i) => i).join()}]}}\n`,
    /^4:28 The matrix has 1,600 combinations; at most 1,000/,
  ],
  [
    `${HEAD}steps:\n  a: {run: 'true', matrix: {m: [1]}, outputs: {o: o}}\n  b: {run: "x --in=\${inputs.x}", inputs: {x: "a.o[*]"}}\n`,
    /^5:20 \$\{inputs\.x\} is a list of paths/,
  ],
  [`${HEAD}steps:\n  a: {run: 'true'}\n  a: {run: 'true'}\n`, /^5:3 This key is given twice/],
  [`${HEAD}steps:\n  a: {run: 'true'\n`, /Not valid YAML/],
  [`${HEAD}steps:\n  a: {uses: register}\n`, /^4:6 'with' is missing beside/],
  [
    `${HEAD}steps:\n  a: {uses: register, retries: 2, with: {model: b.m, name: x}}\n  b: {run: 'true', outputs: {m: m}}\n`,
    /^4:32 'retries' has no meaning/,
  ],
])("%j is refused", (text, expected) => {
  const found = problems(text);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(expected);
});

test("steps in a circle are named in order", () => {
  expect(
    problems(`${HEAD}steps:
  a: {run: "true", needs: [c]}
  b: {run: "true", needs: [a]}
  c: {run: "true", needs: [b]}
`),
  ).toEqual(["4:6 The steps wait for each other in a circle: a → c → b → a. | Remove one of these dependencies."]);
  expect(problems(`${HEAD}steps:\n  a: {run: "true", needs: [a]}\n`)[0]).toMatch(/a → a/);
});

test("two matrices that meet are refused before they make a million dependencies", () => {
  const values = Array.from({ length: 300 }, (_, i) => i).join();
  const text = `${HEAD}steps:\n  a: {run: "true", matrix: {m: [${values}]}}\n  b: {run: "true", needs: [a], matrix: {m: [${values}]}}\n`;
  expect(problems(text)[0]).toMatch(/^5:6 Step 'b' would have 90,000 dependencies/);
});

test("the refusal of a run names file, line, column and every problem", () => {
  expect(() => requirePipelineFile(`${HEAD}steps:\n  a: {runs: x}\n`, "ml/pipeline.yaml")).toThrow(
    expect.objectContaining({
      code: "invalid_input",
      message: "ml/pipeline.yaml, line 4, column 7: Unknown key 'runs' in step 'a'.",
      place: expect.objectContaining({ field: "ml/pipeline.yaml:4:7", remedy: "Did you mean 'run'?" }),
    }),
  );
});

test("aliases cannot blow a small file up", () => {
  const lines = ["version: 1", "name: x", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 12; i++) lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join()}]`);
  expect(problems(lines.join("\n"))[0]).toMatch(/Not readable/);
});

test("cells are the product in written order, the last dimension fastest", () => {
  expect(cellsOf({ algo: ["a", "b"], seed: [1, 2] }).map((c) => c.key)).toEqual([
    "algo=a,seed=1",
    "algo=a,seed=2",
    "algo=b,seed=1",
    "algo=b,seed=2",
  ]);
  expect(cellsOf(null)).toEqual([{ key: "", values: {} }]);
});

test("words are split by POSIX quoting, without expansion", () => {
  expect(splitWords(`node 'a b' "c \\"d\\" $HOME" e\\ f "" *.txt x'y'"z"\n  last`)).toEqual([
    "node",
    "a b",
    'c "d" $HOME',
    "e f",
    "",
    "*.txt",
    "xyz",
    "last",
  ]);
});

test("a value is one argument, whatever it holds; a list is several", () => {
  const values = { a: "x y; rm -rf '$HOME'", list: ["/p 1", "/p2"] } as const;
  const render = (word: string) => renderWord(parseWord(word), (r) => values[r.name as keyof typeof values]);
  expect(render(`--v=\${params.a}`)).toEqual(["--v=x y; rm -rf '$HOME'"]);
  expect(render(`\${inputs.list}`)).toEqual(["/p 1", "/p2"]);
  expect(() => render(`--in=\${inputs.list}`)).toThrow(/list of paths/);
});

test("the published schema knows the same keys", () => {
  const schema = pipelineFileSchema() as { properties: object; additionalProperties: boolean };
  expect(Object.keys(schema.properties)).toEqual(["version", "name", "params", "env", "defaults", "steps"]);
  expect(schema.additionalProperties).toBe(false);
  expect(JSON.stringify(schema)).toContain('"needs"');
});

test("a step that scores takes one dataset, a model and where the predictions go", () => {
  const spec = specOf(`${HEAD}params: {into: out}
steps:
  score:
    uses: score
    inputs: {data: "dataset:flights@3"}
    with: {model: flights, into: "\${params.into}", keep: [id], prefix: p_}
  after: {run: "true", inputs: {scored: score.predictions}}
`);
  expect(spec.steps[0]).toMatchObject({
    kind: "score",
    outputs: { predictions: "predictions.parquet" },
    score: { version: ["@champion"], keep: ["id"], prefix: "p_", features: null },
  });
  expect(spec.steps[1]?.needs).toEqual(["score"]);
  const wrong = problems(`${HEAD}steps:
  a: {run: "true", outputs: {x: x.csv}}
  score:
    uses: score
    inputs: {data: a.x}
    outputs: {y: y}
    with: {model: flights, name: flights, version: newest, into: Flights}
`);
  expect(wrong.map((line) => line.replace(/^\S+ /, "").split(" | ")[0])).toEqual(
    expect.arrayContaining([
      "A step that uses 'score' takes one dataset.",
      "'outputs' has no meaning in a step that uses 'score'.",
      "'name' has no meaning in a step that uses 'score'.",
      "'newest' is no version.",
      "'Flights' is no name for a dataset.",
    ]),
  );
  expect(wrong).toHaveLength(5);
});

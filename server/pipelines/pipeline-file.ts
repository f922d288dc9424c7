import { AppError, messageOf } from "#server/kernel/errors.ts";
import { checkGraph } from "./check-graph.ts";
import { checkReferences } from "./check-references.ts";
import { FileShape } from "./file-schema.ts";
import { type FileProblem, LocatedYaml, schemaProblems } from "./problems.ts";
import { parseDuration, parseSize } from "./quantities.ts";
import type { Bound, InputSource, PipelineSpec, Retries, ScoreSpec, StepSpec } from "./spec.ts";
import { parseWord, splitWords, type Word, WordError } from "./words.ts";

/** A step that says nothing of retries survives the death of its worker, and nothing else. */
const DEFAULT_RETRIES: Retries = { max: 1, backoffMs: 1000, on: ["lost"] };
const DEFAULT_BACKOFF_MS = 1000;
const DEFAULT_TIMEOUT = "1h";
const DEFAULT_CPU = 1;
const DEFAULT_MEMORY = "2Gi";
const MAX_FILE_BYTES = 256 * 1024;

export type ParsedFile =
  | { readonly spec: PipelineSpec; readonly problems: readonly [] }
  | { readonly spec: null; readonly problems: readonly FileProblem[] };

type Shape = FileShape["steps"][string];
type RetriesShape = NonNullable<Shape["retries"]>;
/** Collects problems; `near` points at a text inside the value. */
export type Complain = (path: readonly string[], message: string, remedy: string, near?: string) => void;

/**
 * Parses and checks a pipeline file. Either every rule holds and there is a spec, or every problem found is listed, in the order of the file, each with
 * its line and column.
 */
export function parsePipelineFile(text: string): ParsedFile {
  const failed = (problems: FileProblem[]): ParsedFile => ({
    spec: null,
    problems: problems.sort((a, b) => a.line - b.line || a.column - b.column),
  });
  if (Buffer.byteLength(text) > MAX_FILE_BYTES)
    return failed([
      { line: 1, column: 1, message: "The file is larger than 256 KiB.", remedy: "Move what is long into scripts." },
    ]);
  const yaml = new LocatedYaml(text);
  const syntax = yaml.syntaxProblems();
  if (syntax.length > 0) return failed(syntax);
  let value: unknown;
  try {
    value = yaml.value();
  } catch (error) {
    return failed([
      { line: 1, column: 1, message: `Not readable: ${messageOf(error)}.`, remedy: "Write the repeated parts out." },
    ]);
  }
  const shape = FileShape.safeParse(value, { reportInput: true });
  if (!shape.success) return failed(schemaProblems(yaml, shape.error.issues));

  const problems: FileProblem[] = [];
  const complain: Complain = (path, message, remedy, near) =>
    problems.push({ ...yaml.locate(path, near === undefined ? {} : { near }), message, remedy });
  const spec = specOf(shape.data, complain);
  checkReferences(spec, complain);
  if (problems.length === 0) checkGraph(spec, complain);
  return problems.length === 0 ? { spec, problems: [] } : failed(problems);
}

/** As `parsePipelineFile`, for whoever cannot go on without it: throws invalid_input that names the file, line and column of each problem. */
export function requirePipelineFile(text: string, path: string): PipelineSpec {
  const { spec, problems } = parsePipelineFile(text);
  if (spec) return spec;
  const [first] = problems;
  throw new AppError(
    "invalid_input",
    `${path}, line ${first?.line ?? 1}, column ${first?.column ?? 1}: ${first?.message ?? ""}`,
    {
      field: `${path}:${first?.line ?? 1}:${first?.column ?? 1}`,
      ...(first ? { remedy: first.remedy } : {}),
      issues: problems.map((p) => ({ field: `${path}:${p.line}:${p.column}`, message: `${p.message} ${p.remedy}` })),
    },
  );
}

function specOf(file: FileShape, complain: Complain): PipelineSpec {
  const defaults = file.defaults ?? {};
  const steps = Object.entries(file.steps).map(([id, shape]): StepSpec => {
    const at = ["steps", id];
    checkKind(shape, at, complain);
    const inputs = mapValues(shape.inputs ?? {}, (text, name) => inputOf(text, [...at, "inputs", name], complain));
    const register = shape.uses === "register" ? registerOf(shape.with, at, complain) : null;
    const score = shape.uses === "score" ? scoreOf(shape, at, complain) : null;
    const needs = [
      ...(shape.needs ?? []),
      ...Object.values(inputs).flatMap((i) => (i.kind === "output" ? [i.step] : [])),
      ...(register ? [register.step] : []),
    ];
    const retries = shape.retries ?? defaults.retries;
    return {
      id,
      kind: shape.uses ?? "run",
      needs: [...new Set(needs)],
      command: shape.run === undefined ? [] : wordsOf(shape.run, [...at, "run"], complain),
      inputs,
      outputs: mapValues(score ? SCORE_OUTPUTS : (shape.outputs ?? {}), (path) =>
        path
          .split("/")
          .filter((part) => part !== "" && part !== ".")
          .join("/"),
      ),
      matrix: shape.matrix ?? null,
      gate: shape.gate
        ? {
            output: shape.gate.output,
            metric: shape.gate.metric,
            min: boundOf(shape.gate.min),
            max: boundOf(shape.gate.max),
          }
        : null,
      retries: retries === undefined ? DEFAULT_RETRIES : retriesOf(retries),
      timeoutMs: parseDuration(shape.timeout ?? defaults.timeout ?? DEFAULT_TIMEOUT) ?? 0,
      cpu: shape.resources?.cpu ?? defaults.resources?.cpu ?? DEFAULT_CPU,
      memoryBytes: parseSize(shape.resources?.memory ?? defaults.resources?.memory ?? DEFAULT_MEMORY) ?? 0,
      register,
      score,
    };
  });
  return { version: 1, name: file.name, params: file.params ?? {}, env: file.env ?? null, steps };
}

function mapValues<A, B>(map: Readonly<Record<string, A>>, make: (value: A, name: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, make(value, name)]));
}

function checkKind(shape: Shape, at: string[], complain: Complain): void {
  const name = at[1] ?? "";
  if (shape.run === undefined && shape.uses === undefined)
    complain(at, `Step '${name}' does nothing.`, "Give it run: <command>, or uses: register or score.");
  if (shape.run !== undefined && shape.uses !== undefined)
    complain([...at, "uses"], `Step '${name}' has both run and uses.`, "Keep one of them.");
  if (shape.uses !== undefined) {
    const meaningless = ["outputs", "matrix", "gate", "retries", "timeout", "resources"] as const;
    for (const key of shape.uses === "score" ? meaningless : (["inputs", ...meaningless] as const))
      if (shape[key] !== undefined)
        complain(
          [...at, key],
          `'${key}' has no meaning in a step that uses '${shape.uses}'.`,
          shape.uses === "score"
            ? "Remove it; such a step takes only needs, inputs and with."
            : "Remove it; such a step takes only needs and with.",
        );
  } else if (shape.with !== undefined)
    complain([...at, "with"], "'with' has a meaning only beside 'uses'.", "Remove it, or write uses: register.");
}

function wordsOf(text: string, at: string[], complain: Complain): Word[] {
  try {
    const words = splitWords(text);
    if (words.length === 0) complain(at, "The command is empty.", "Write a program and its arguments.");
    return words.map(parseWord);
  } catch (error) {
    if (!(error instanceof WordError)) throw error;
    complain(
      at,
      error.message,
      "Correct the command; it is split into words by the quoting rules of a shell, but no shell runs it.",
      error.near,
    );
    return [];
  }
}

const DATASET = /^dataset:([a-z][a-z0-9-]{1,62})(?:@([1-9]\d{0,8}))?$/;
const OUTPUT = /^([a-z][a-z0-9-]*)\.([A-Za-z][A-Za-z0-9_-]*)(\[\*\])?$/;

function inputOf(text: string, at: string[], complain: Complain): InputSource {
  const dataset = DATASET.exec(text);
  if (dataset) return { kind: "dataset", name: dataset[1] ?? "", version: dataset[2] ? Number(dataset[2]) : null };
  const output = OUTPUT.exec(text);
  if (output) return { kind: "output", step: output[1] ?? "", output: output[2] ?? "", all: output[3] !== undefined };
  complain(
    at,
    `'${text}' is no reference.`,
    "Write dataset:<name>, dataset:<name>@<version>, <step>.<output>, or <step>.<output>[*] for all cells of a matrix.",
  );
  return { kind: "dataset", name: "", version: null };
}

function registerOf(shape: Shape["with"], at: string[], complain: Complain): StepSpec["register"] {
  if (!shape) {
    complain(
      at,
      "'with' is missing beside 'uses: register'.",
      "Add with: {model: <step>.<output>, name: <registered model>}.",
    );
    return null;
  }
  demandKeys(shape, "register", ["name"], ["version", "into", "keep", "features", "prefix"], at, complain);
  const source = inputOf(shape.model, [...at, "with", "model"], complain);
  const name = wordOf(shape.name ?? "", [...at, "with", "name"], complain);
  if (source.kind === "dataset" || source.all) {
    if (source.kind !== "dataset" || source.name !== "")
      complain(
        [...at, "with", "model"],
        `'${shape.model}' is not one model.`,
        "Name the output of a step that holds it: <step>.<output>.",
      );
    return null;
  }
  return { step: source.step, output: source.output, name };
}

/** What a step that scores leaves to the steps after it: the file that was registered. */
export const SCORED = "predictions";
const SCORE_OUTPUTS = { [SCORED]: "predictions.parquet" };

function scoreOf(shape: Shape, at: string[], complain: Complain): ScoreSpec | null {
  const given = Object.entries(shape.inputs ?? {});
  const isOne =
    given.length === 1 && given[0]?.[0] === "data" && (given[0][1].startsWith("dataset:") || !OUTPUT.test(given[0][1]));
  if (!isOne)
    complain(
      [...at, ...(shape.inputs ? ["inputs"] : [])],
      "A step that uses 'score' takes one dataset.",
      'Write inputs: {data: "dataset:<name>"}.',
    );
  if (!shape.with) {
    complain(at, "'with' is missing beside 'uses: score'.", "Add with: {model: <registered model>, into: <dataset>}.");
    return null;
  }
  const { model, version, into, keep, features, prefix } = shape.with;
  demandKeys(shape.with, "score", ["into"], ["name"], at, complain);
  const word = (text: string, key: string) => wordOf(text, [...at, "with", key], complain);
  return {
    model: word(model, "model"),
    version: word(String(version ?? "@champion"), "version"),
    into: word(into ?? "", "into"),
    keep: keep ?? null,
    features: features ?? null,
    prefix: prefix ?? null,
  };
}

/** Complains of keys of `with` that a built-in step lacks, and of those that belong to another. */
function demandKeys(
  given: NonNullable<Shape["with"]>,
  uses: string,
  needed: readonly (keyof NonNullable<Shape["with"]>)[],
  foreign: readonly (keyof NonNullable<Shape["with"]>)[],
  at: string[],
  complain: Complain,
): void {
  for (const key of needed)
    if (given[key] === undefined)
      complain(
        [...at, "with"],
        `'with' of a step that uses '${uses}' lacks '${key}'.`,
        `Add ${key}; see docs/pipeline-yaml.md.`,
      );
  for (const key of foreign)
    if (given[key] !== undefined)
      complain([...at, "with", key], `'${key}' has no meaning in a step that uses '${uses}'.`, "Remove it.");
}

function wordOf(text: string, path: string[], complain: Complain): Word {
  try {
    return parseWord(text);
  } catch (error) {
    if (!(error instanceof WordError)) throw error;
    complain(path, error.message, "Use a plain name, or ${" + "params.x}.", error.near);
    return [];
  }
}

function boundOf(bound: number | string | undefined): Bound | null {
  if (bound === undefined) return null;
  return typeof bound === "number" ? bound : { param: bound.slice("${params.".length, -1) };
}

function retriesOf(shape: RetriesShape): Retries {
  if (typeof shape === "number") return { max: shape, backoffMs: DEFAULT_BACKOFF_MS, on: ["lost", "oom"] };
  return {
    max: shape.max,
    backoffMs: shape.backoff === undefined ? DEFAULT_BACKOFF_MS : (parseDuration(shape.backoff) ?? 0),
    on: shape.on ?? ["lost", "oom"],
  };
}

import { suggest } from "./problems.ts";
import type { Complain } from "./pipeline-file.ts";
import { cellsOf, type PipelineSpec, type StepSpec } from "./spec.ts";
import { plainText, type Reference, referencesOf, type Word } from "./words.ts";

const MODEL_NAME = /^[a-z][a-z0-9-]{0,62}$/;
const DATASET_NAME = /^[a-z][a-z0-9-]{1,62}$/;
const VERSION = /^(latest|[1-9]\d{0,8}|@[\w-]{1,255})$/;
const MAX_CELLS = 1000;
const PYTHON = /^python(3(\.\d+)?)?$/;

/** Checks that every name used in a step is a name somebody declared. */
export function checkReferences(spec: PipelineSpec, complain: Complain): void {
  const byId = new Map(spec.steps.map((step) => [step.id, step]));
  for (const step of spec.steps) {
    const at = ["steps", step.id];
    checkInputs(step, byId, complain);
    checkWords(spec, step, complain);
    checkGate(spec, step, complain);
    checkMatrix(step, complain);
    const paths = new Map<string, string>();
    for (const [name, path] of Object.entries(step.outputs)) {
      const other = paths.get(path);
      if (other !== undefined)
        complain(
          [...at, "outputs", name],
          `Outputs '${other}' and '${name}' are the same path.`,
          "Give each a path of its own.",
        );
      paths.set(path, name);
    }
    const program = plainText(step.command[0] ?? []) ?? "";
    if (spec.env === null && PYTHON.test(program))
      complain(
        [...at, "run"],
        `Step '${step.id}' runs Python, but the file declares no environment.`,
        'Add env: {python: ">=3.10", requirements: requirements.txt} at the top level.',
      );
  }
}

function checkInputs(step: StepSpec, byId: ReadonlyMap<string, StepSpec>, complain: Complain): void {
  const at = ["steps", step.id];
  for (const [name, input] of Object.entries(step.inputs)) {
    if (input.kind !== "output") continue;
    checkOutput(input, [...at, "inputs", name], byId, complain);
    const parent = byId.get(input.step);
    if (parent?.matrix && !input.all)
      complain(
        [...at, "inputs", name],
        `'${input.step}' has a matrix, so '${input.step}.${input.output}' is many paths.`,
        `Write "${input.step}.${input.output}[*]" for the list of them.`,
      );
  }
  if (step.register) {
    const { register } = step;
    checkOutput(register, [...at, "with", "model"], byId, complain);
    if (byId.get(register.step)?.matrix)
      complain(
        [...at, "with", "model"],
        `'${register.step}' has a matrix, so it makes many models.`,
        "Choose one of them in a step between, and register its output.",
      );
  }
  for (const id of step.needs) {
    if (byId.has(id)) continue;
    // An unknown step of an input or of `with` was reported at its own place.
    const elsewhere =
      Object.values(step.inputs).some((i) => i.kind === "output" && i.step === id) || step.register?.step === id;
    if (!elsewhere) complain([...at, "needs"], `There is no step '${id}'.`, suggest(id, [...byId.keys()]), id);
  }
}

function checkOutput(
  source: { step: string; output: string },
  at: string[],
  byId: ReadonlyMap<string, StepSpec>,
  complain: Complain,
): void {
  const parent = byId.get(source.step);
  if (!parent) {
    if (source.step !== "") complain(at, `There is no step '${source.step}'.`, suggest(source.step, [...byId.keys()]));
    return;
  }
  if (!Object.hasOwn(parent.outputs, source.output))
    complain(
      at,
      `Step '${source.step}' has no output '${source.output}'.`,
      suggest(source.output, Object.keys(parent.outputs)),
    );
}

function checkWords(spec: PipelineSpec, step: StepSpec, complain: Complain): void {
  const at = ["steps", step.id];
  const known: Readonly<Record<Reference["from"], readonly string[]>> = {
    inputs: Object.keys(step.inputs),
    outputs: Object.keys(step.outputs),
    params: Object.keys(spec.params),
    matrix: Object.keys(step.matrix ?? {}),
  };
  const check = (word: Word, path: string[]) => {
    for (const reference of referencesOf(word)) {
      const text = `\${${reference.from}.${reference.name}}`;
      if (!known[reference.from].includes(reference.name))
        complain(path, `${text} is not declared.`, suggest(reference.name, known[reference.from]), text);
      else if (reference.from === "inputs" && word.length > 1) {
        const input = step.inputs[reference.name];
        if (input?.kind === "output" && input.all)
          complain(
            path,
            `${text} is a list of paths and cannot stand inside a longer word.`,
            "Let it stand alone: it becomes one argument per path.",
            text,
          );
      }
    }
  };
  for (const word of step.command) check(word, [...at, "run"]);
  if (step.register) {
    const { name } = step.register;
    check(name, [...at, "with", "name"]);
    const text = plainText(name);
    if (text !== null && !MODEL_NAME.test(text))
      complain(
        [...at, "with", "name"],
        `'${text}' is no name for a model.`,
        "Use lower-case letters, digits and hyphens, starting with a letter.",
      );
  }
  if (step.score) {
    const { model, version, into } = step.score;
    check(model, [...at, "with", "model"]);
    check(version, [...at, "with", "version"]);
    check(into, [...at, "with", "into"]);
    const [name, which] = [plainText(into), plainText(version)];
    if (name !== null && name !== "" && !DATASET_NAME.test(name))
      complain(
        [...at, "with", "into"],
        `'${name}' is no name for a dataset.`,
        "Use 2 to 63 lower-case letters, digits and hyphens, starting with a letter.",
      );
    if (which !== null && !VERSION.test(which))
      complain([...at, "with", "version"], `'${which}' is no version.`, "Write a number, '@<alias>' or 'latest'.");
  }
}

function checkGate(spec: PipelineSpec, step: StepSpec, complain: Complain): void {
  if (!step.gate) return;
  const at = ["steps", step.id, "gate"];
  if (!Object.hasOwn(step.outputs, step.gate.output))
    complain(
      [...at, "output"],
      `Step '${step.id}' has no output '${step.gate.output}'.`,
      suggest(step.gate.output, Object.keys(step.outputs)),
    );
  for (const side of ["min", "max"] as const) {
    const bound = step.gate[side];
    if (bound === null || typeof bound === "number") continue;
    const { param } = bound;
    if (!Object.hasOwn(spec.params, param))
      complain([...at, side], `\${params.${param}} is not declared.`, suggest(param, Object.keys(spec.params)));
    else if (typeof spec.params[param] !== "number")
      complain([...at, side], `\${params.${param}} is not a number.`, "Give the parameter a number as its value.");
  }
}

function checkMatrix(step: StepSpec, complain: Complain): void {
  if (!step.matrix) return;
  const at = ["steps", step.id, "matrix"];
  for (const [name, values] of Object.entries(step.matrix)) {
    const repeated = values.find((value, i) => values.findIndex((other) => String(other) === String(value)) < i);
    if (repeated === undefined) continue;
    complain(
      [...at, name],
      `The value '${repeated}' stands twice in '${name}'.`,
      "Remove one: each value is a step run of its own.",
    );
    return;
  }
  const cells = Object.values(step.matrix).reduce((product, values) => product * values.length, 1);
  if (cells > MAX_CELLS)
    complain(
      at,
      `The matrix has ${cells.toLocaleString("en")} combinations; at most ${MAX_CELLS.toLocaleString("en")} are allowed.`,
      "Leave values out, or split the step.",
    );
  else if (new Set(cellsOf(step.matrix).map((cell) => cell.key)).size < cells)
    complain(at, "Two combinations have the same name.", "Use values without '=' and ','.");
}

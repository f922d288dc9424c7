import { z } from "zod";

/** Tensor datatypes in the words of the Open Inference Protocol v2; BYTES is text. */
export const Datatype = z.enum([
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP16",
  "BF16",
  "FP32",
  "FP64",
  "BYTES",
]);
export type Datatype = z.infer<typeof Datatype>;

/** One input or output. `shape` has -1 where any length fits; `symbols` keeps the name the author gave such a dimension. */
export const TensorSignature = z.object({
  name: z.string().min(1),
  datatype: Datatype,
  shape: z.array(z.number().int().min(-1)),
  symbols: z.array(z.string().nullable()),
});
export type TensorSignature = z.infer<typeof TensorSignature>;

export const ModelTask = z.enum(["classification", "regression"]);
export type ModelTask = z.infer<typeof ModelTask>;

/**
 * What a model takes and gives, read from its own file. `classes` are in the column order of the probabilities output;
 * `roles` name the outputs that the product understands. Facts that the file does not state are null.
 */
export const ModelSignature = z.object({
  inputs: z.array(TensorSignature),
  outputs: z.array(TensorSignature),
  opset: z.array(z.object({ domain: z.string(), version: z.number().int() })),
  irVersion: z.number().int(),
  producer: z.object({ name: z.string(), version: z.string() }),
  metadata: z.record(z.string(), z.string()),
  task: ModelTask.nullable(),
  classes: z.array(z.string()).nullable(),
  positive: z.string().nullable(),
  labelColumn: z.string().nullable(),
  roles: z.object({
    label: z.string().optional(),
    probabilities: z.string().optional(),
    value: z.string().optional(),
  }),
});
export type ModelSignature = z.infer<typeof ModelSignature>;

/** One difference between two signatures, in a sentence that a reviewer understands. */
export const SignatureDifference = z.object({
  part: z.enum(["input", "output", "task", "classes", "opset"]),
  name: z.string().nullable(),
  breaking: z.boolean(),
  sentence: z.string(),
});
export type SignatureDifference = z.infer<typeof SignatureDifference>;

/** A shape as people write it: `[N, 3]`, `[?, 4]`. */
export function shapeText(tensor: Pick<TensorSignature, "shape" | "symbols">): string {
  return `[${tensor.shape.map((d, i) => (d >= 0 ? String(d) : (tensor.symbols[i] ?? "?"))).join(", ")}]`;
}

/** How many feature values one row of this input carries: the product of its dimensions after the first (open ones count 1). */
export function rowWidth(tensor: Pick<TensorSignature, "shape">): number {
  return tensor.shape.slice(1).reduce((n, d) => n * (d >= 0 ? d : 1), 1);
}

/** The names under which the values of one row are logged and monitored, numbers and texts apart, each in the order of the signature. */
export interface FeatureColumns {
  readonly numbers: readonly string[];
  readonly categories: readonly string[];
}

/** An input of one column gives its name, one of k columns `name[0]` … `name[k-1]`. BOOL counts as a number: 0 or 1. */
export function featureColumns(signature: Pick<ModelSignature, "inputs">): FeatureColumns {
  const names = (t: TensorSignature) =>
    rowWidth(t) === 1 ? [t.name] : Array.from({ length: rowWidth(t) }, (_, i) => `${t.name}[${i}]`);
  const { inputs } = signature;
  return {
    numbers: inputs.filter((t) => t.datatype !== "BYTES").flatMap(names),
    categories: inputs.filter((t) => t.datatype === "BYTES").flatMap(names),
  };
}

/**
 * Why an endpoint cannot serve a model with this signature, each reason a sentence with its remedy; empty when it can.
 * Rows of different requests are joined in one run, so every input needs an open first dimension and a fixed width.
 */
export function servingProblems(signature: Pick<ModelSignature, "inputs" | "outputs">): string[] {
  const { inputs, outputs } = signature;
  const problems: string[] = [];
  if (inputs.length === 0) problems.push("The model has no inputs, so it answers every request alike.");
  for (const t of inputs) {
    const open = `Input '${t.name}' of shape ${shapeText(t)}`;
    if (t.shape[0] !== -1) problems.push(`${open} does not leave its first dimension open; export it as [None, …].`);
    if (t.shape.slice(1).includes(-1)) problems.push(`${open} leaves its width open; state the number of columns.`);
  }
  for (const t of [...inputs, ...outputs])
    if (t.datatype === "BF16") problems.push(`'${t.name}' is ${t.datatype}; cast it to float32 inside the model.`);
  return problems;
}

/**
 * What callers of an endpoint would notice if `candidate` replaced the model whose signature they were written for.
 * Breaking: a request that was valid becomes invalid, or an answer changes its meaning. Requests name their inputs, so order does not count.
 */
export function compareSignatures(endpoint: ModelSignature, candidate: ModelSignature): SignatureDifference[] {
  return [
    ...compareInputs(endpoint.inputs, candidate.inputs),
    ...compareOutputs(endpoint.outputs, candidate.outputs),
    ...compareTask(endpoint, candidate),
    ...compareClasses(endpoint, candidate),
    ...compareOpset(endpoint, candidate),
  ];
}

const byName = (tensors: TensorSignature[]) => new Map(tensors.map((t) => [t.name, t]));

function compareInputs(before: TensorSignature[], after: TensorSignature[]): SignatureDifference[] {
  const found: SignatureDifference[] = [];
  const note = (name: string, breaking: boolean, sentence: string) =>
    found.push({ part: "input", name, breaking, sentence });
  const next = byName(after);
  const known = byName(before);
  for (const old of before) {
    const now = next.get(old.name);
    if (!now) {
      note(old.name, true, `Input '${old.name}' is gone; callers that still send it would be refused.`);
      continue;
    }
    if (now.datatype !== old.datatype)
      note(old.name, true, `Input '${old.name}' changes from ${old.datatype} to ${now.datatype}.`);
    const shapes = `Input '${old.name}' changes its shape from ${shapeText(old)} to ${shapeText(now)}`;
    if (!accepts(now.shape, old.shape)) note(old.name, true, `${shapes}; requests of today would not fit.`);
    else if (!accepts(old.shape, now.shape)) note(old.name, false, `${shapes}; requests of today still fit.`);
  }
  for (const now of after)
    if (!known.has(now.name)) note(now.name, true, `Input '${now.name}' is new; callers do not send it yet.`);
  return found;
}

function compareOutputs(before: TensorSignature[], after: TensorSignature[]): SignatureDifference[] {
  const found: SignatureDifference[] = [];
  const note = (name: string, breaking: boolean, sentence: string) =>
    found.push({ part: "output", name, breaking, sentence });
  const next = byName(after);
  const known = byName(before);
  for (const old of before) {
    const now = next.get(old.name);
    if (!now) {
      note(old.name, true, `Output '${old.name}' is gone; callers that read it would find nothing.`);
      continue;
    }
    if (now.datatype !== old.datatype)
      note(old.name, true, `Output '${old.name}' changes from ${old.datatype} to ${now.datatype}.`);
    const shapes = `Output '${old.name}' changes its shape from ${shapeText(old)} to ${shapeText(now)}`;
    // The other way round than for inputs: an answer must fit what its readers were told to expect.
    if (!accepts(old.shape, now.shape)) note(old.name, !accepts(now.shape, old.shape), `${shapes}.`);
    else if (!accepts(now.shape, old.shape)) note(old.name, false, `${shapes}.`);
  }
  for (const now of after)
    if (!known.has(now.name)) note(now.name, false, `Output '${now.name}' is new; callers may ignore it.`);
  return found;
}

/** True when every tensor of shape `given` is also one of shape `wanted`. */
function accepts(wanted: number[], given: number[]): boolean {
  return wanted.length === given.length && wanted.every((d, i) => d < 0 || d === given[i]);
}

function compareTask(endpoint: ModelSignature, candidate: ModelSignature): SignatureDifference[] {
  if (endpoint.task === candidate.task) return [];
  const say = (task: ModelTask | null) => task ?? "a task its file does not state";
  const breaking = endpoint.task !== null && candidate.task !== null;
  const sentence = `The task changes from ${say(endpoint.task)} to ${say(candidate.task)}.`;
  return [{ part: "task", name: null, breaking, sentence }];
}

function compareClasses(endpoint: ModelSignature, candidate: ModelSignature): SignatureDifference[] {
  const found: SignatureDifference[] = [];
  const [was, is] = [endpoint.classes, candidate.classes];
  const note = (breaking: boolean, sentence: string) => found.push({ part: "classes", name: null, breaking, sentence });
  if (was && !is) note(false, "The candidate's file does not state its classes, so their order cannot be compared.");
  if (was && is) {
    const lost = was.filter((c) => !is.includes(c));
    const added = is.filter((c) => !was.includes(c));
    if (lost.length > 0) note(true, `Callers would no longer receive the class ${lost.join(", ")}.`);
    if (added.length > 0) note(true, `Callers would receive a class they do not know: ${added.join(", ")}.`);
    if (lost.length === 0 && added.length === 0 && was.some((c, i) => c !== is[i]))
      note(true, `The columns of the probabilities change their order from ${was.join(", ")} to ${is.join(", ")}.`);
  }
  if (endpoint.positive !== candidate.positive) {
    const both = endpoint.positive !== null && candidate.positive !== null;
    const say = (c: string | null) => c ?? "not stated";
    note(both, `The positive class changes from ${say(endpoint.positive)} to ${say(candidate.positive)}.`);
  }
  return found;
}

function compareOpset(endpoint: ModelSignature, candidate: ModelSignature): SignatureDifference[] {
  const say = (s: ModelSignature) =>
    s.opset
      .map((o) => `${o.domain || "ai.onnx"} ${o.version}`)
      .sort()
      .join(", ") || "none (Python)";
  if (say(endpoint) === say(candidate)) return [];
  const sentence = `The operator sets change from ${say(endpoint)} to ${say(candidate)}; callers do not notice.`;
  return [{ part: "opset", name: null, breaking: false, sentence }];
}

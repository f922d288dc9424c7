import type { ModelSignature } from "#server/registry/contract.ts";
import type { TensorData } from "../runtimes/onnx/tensors.ts";
import { compileInput, type InputTensor } from "./input-tensor.ts";
import { Refusal, show, wrong } from "./refusal.ts";

/** A request whose form is right; its values are checked when they are written. */
export interface InferRequest {
  readonly rows: number;
  readonly id: string | null;
  /** Milliseconds since 1970: one for all rows, or one per row. */
  readonly eventTimes: number | readonly number[] | null;
  /** The outputs asked for; null for all. */
  readonly wanted: readonly string[] | null;
  /** By input of the signature: its data and where they stand in the request. */
  readonly tensors: readonly { readonly data: unknown; readonly place: string }[];
}

export interface InferReader {
  readonly inputs: readonly InputTensor[];
  /** Throws a Refusal that names the first wrong place. */
  readonly read: (body: unknown) => InferRequest;
  /** Writes all values of a request into one array per input. Throws a Refusal that names the first wrong value. */
  readonly write: (request: InferRequest, targets: readonly TensorData[], row: number) => void;
}

type Json = Readonly<Record<string, unknown>>;
const ID_LENGTH = 128;

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Compiles what a request for this model must look like. */
export function compileReader(signature: Pick<ModelSignature, "inputs" | "outputs">): InferReader {
  const inputs = signature.inputs.map(compileInput);
  const names = signature.inputs.map((t) => t.name);
  const byName = new Map(names.map((name, i) => [name, i]));
  const outputs = signature.outputs.map((t) => t.name);
  const takes = `this model takes ${names.map((n) => `"${n}"`).join(", ")}`;

  const readInputs = (given: unknown): Pick<InferRequest, "rows" | "tensors"> => {
    if (!Array.isArray(given)) throw wrong("inputs", "a list of tensors", given, takes);
    const tensors = new Array<InferRequest["tensors"][number] | undefined>(inputs.length);
    let rows = 0;
    for (let i = 0; i < given.length; i += 1) {
      const tensor: unknown = given[i];
      const place = `inputs[${i}]`;
      if (!isObject(tensor)) throw wrong(place, "a tensor with name, shape, datatype and data", tensor);
      const name = tensor["name"];
      const at = name === names[i] ? i : typeof name === "string" ? byName.get(name) : undefined;
      const input = at === undefined ? undefined : inputs[at];
      if (at === undefined || !input)
        throw new Refusal(400, `${place}.name: this model has no input ${show(name)}; ${takes}`);
      if (tensors[at]) throw new Refusal(400, `${place}.name: the input ${show(name)} is given twice`);
      const mine = input.rowsOf(tensor, place);
      if (i > 0 && mine !== rows)
        throw wrong(`${place}.shape`, `${rows} rows as in inputs[0]`, mine, "every input has one entry per row");
      rows = mine;
      tensors[at] = { data: tensor["data"], place };
    }
    const missing = names.filter((_, i) => !tensors[i]);
    if (missing.length > 0)
      throw new Refusal(
        400,
        `inputs: ${missing.map((n) => `"${n}"`).join(", ")} ${missing.length > 1 ? "are" : "is"} missing; ${takes}`,
      );
    return { rows, tensors: tensors.filter((t) => t !== undefined) };
  };

  const readWanted = (given: unknown): readonly string[] | null => {
    if (given === undefined || given === null) return null;
    if (!Array.isArray(given)) throw wrong("outputs", "a list of objects with a name", given);
    if (given.length === 0) return null;
    const wanted = given.map((output: unknown, i) => {
      const name = isObject(output) ? output["name"] : undefined;
      if (typeof name === "string" && outputs.includes(name)) return name;
      const gives = outputs.map((n) => `"${n}"`).join(", ");
      throw new Refusal(400, `outputs[${i}].name: this model has no output ${show(name)}; it gives ${gives}`);
    });
    return [...new Set(wanted)];
  };

  return {
    inputs,
    read: (body) => {
      if (!isObject(body)) throw wrong("The body", "an object with inputs", body);
      const { rows, tensors } = readInputs(body["inputs"]);
      return {
        rows,
        tensors,
        id: readId(body["id"]),
        eventTimes: readEventTimes(body["parameters"], rows),
        wanted: readWanted(body["outputs"]),
      };
    },
    write: (request, targets, row) => {
      for (let i = 0; i < inputs.length; i += 1) {
        const [input, tensor, target] = [inputs[i], request.tensors[i], targets[i]];
        if (input && tensor && target) input.write(tensor.data, request.rows, tensor.place, target, row);
      }
    },
  };
}

function readId(given: unknown): string | null {
  if (given === undefined || given === null || given === "") return null;
  const fits = typeof given === "string" && given.length <= ID_LENGTH && !/\p{Cc}/u.test(given);
  if (!fits) throw wrong("id", `a string of at most ${ID_LENGTH} characters without control characters`, given);
  return given;
}

function readEventTimes(parameters: unknown, rows: number): InferRequest["eventTimes"] {
  if (parameters === undefined || parameters === null) return null;
  if (!isObject(parameters)) throw wrong("parameters", "an object", parameters);
  const given = parameters["event_time"];
  if (given === undefined || given === null) return null;
  if (!Array.isArray(given)) return readTime(given, "parameters.event_time");
  if (given.length !== rows) throw wrong("parameters.event_time", `one time for all rows, or ${rows}`, given.length);
  return given.map((time: unknown, i) => readTime(time, `parameters.event_time[${i}]`));
}

const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** An ISO 8601 time as milliseconds since 1970; without a zone it is UTC. Throws a Refusal with the place. */
export function readTime(given: unknown, place: string): number {
  const match = typeof given === "string" ? ISO.exec(given) : null;
  const text = match ? match[0].replace(" ", "T") : "";
  const time = Date.parse(text.includes("T") && !match?.[1] ? `${text}Z` : text);
  if (Number.isNaN(time)) throw wrong(place, "an ISO 8601 time", given, 'write it as "2013-07-01T06:30:00Z"');
  return time;
}

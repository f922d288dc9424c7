import type { ModelSignature } from "#server/registry/contract.ts";
import type { TensorData } from "../runtimes/onnx/tensors.ts";
import { compileInput, type Given, type InputTensor } from "./input-tensor.ts";
import { compileOutputs } from "./outputs-asked.ts";
import { RawBytes, readBinarySize, takeBytes } from "./raw-bytes.ts";
import { isObject, readEventTimes } from "./request-facts.ts";
import { Refusal, show, wrong } from "./refusal.ts";

/** A request whose form is right, whichever protocol it came by; its values are checked when they are written. */
export interface InferRequest {
  readonly rows: number;
  /** Milliseconds since 1970: one for all rows, or one per row. */
  readonly eventTimes: number | readonly number[] | null;
  /** The outputs asked for; null for all. */
  readonly wanted: readonly string[] | null;
  /** Those of them that go as raw bytes; null for none. */
  readonly binary: ReadonlySet<string> | null;
  /** For forms that answer with one value per row: which of them. */
  readonly view: "usual" | "probabilities";
  /** By input of the signature. */
  readonly tensors: readonly Given[];
}

export interface InferReader {
  readonly inputs: readonly InputTensor[];
  /** Reads the JSON of the protocol; `raw` are the bytes after it. Throws a Refusal that names the first wrong place. */
  readonly read: (body: unknown, raw?: Buffer | null) => InferRequest;
  /** Writes all values of a request into one array per input. Throws a Refusal that names the first wrong value. */
  readonly write: (
    request: Pick<InferRequest, "rows" | "tensors">,
    targets: readonly TensorData[],
    row: number,
  ) => void;
}

/** Compiles what a request for this model must look like. */
export function compileReader(signature: Pick<ModelSignature, "inputs" | "outputs">): InferReader {
  const inputs = signature.inputs.map(compileInput);
  const names = signature.inputs.map((t) => t.name);
  const byName = new Map(names.map((name, i) => [name, i]));
  const readOutputs = compileOutputs(signature.outputs.map((t) => t.name));
  const takes = `this model takes ${names.map((n) => `"${n}"`).join(", ")}`;

  const readInputs = (given: unknown, raw: Buffer | null): Pick<InferRequest, "rows" | "tensors"> => {
    if (!Array.isArray(given)) throw wrong("inputs", "a list of tensors", given, takes);
    const tensors = new Array<Given | undefined>(inputs.length);
    const bytes = raw ? new RawBytes(raw) : null;
    let rows = 0;
    let found = 0;
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
      const sized = tensor["parameters"] === undefined ? undefined : readBinarySize(tensor["parameters"], place);
      const mineGiven: Given = {
        data: sized === undefined ? tensor["data"] : takeBytes(bytes, sized, place),
        place,
        cell: undefined,
      };
      input.measure(mineGiven, rows);
      tensors[at] = mineGiven;
      found += 1;
    }
    bytes?.end();
    const missing = found === inputs.length ? [] : names.filter((_, i) => !tensors[i]);
    if (missing.length > 0)
      throw new Refusal(
        400,
        `inputs: ${missing.map((n) => `"${n}"`).join(", ")} ${missing.length > 1 ? "are" : "is"} missing; ${takes}`,
      );
    return { rows, tensors: tensors as Given[] };
  };

  return {
    inputs,
    read: (body, raw = null) => {
      if (!isObject(body)) throw wrong("The body", "an object with inputs", body);
      const { rows, tensors } = readInputs(body["inputs"], raw);
      const { wanted, binary } = readOutputs(body["outputs"], body["parameters"]);
      return {
        rows,
        tensors,
        eventTimes: readEventTimes(body["parameters"], rows),
        wanted,
        binary,
        view: "usual",
      };
    },
    write: (request, targets, row) => {
      for (let i = 0; i < inputs.length; i += 1) {
        const [input, given, target] = [inputs[i], request.tensors[i], targets[i]];
        if (input && given && target) input.write(given, request.rows, target, row);
      }
    },
  };
}

import { parseJson } from "../bad-json.ts";
import { Refusal } from "../refusal.ts";
import { isObject, readId, readKeys } from "../request-facts.ts";
import type { InferRequest } from "../infer-request.ts";
import type { Surface } from "../surface.ts";
import type { Asked, Form } from "./form.ts";

const LENGTH = "inference-header-content-length";

/** The Open Inference Protocol v2, tensors as JSON or as raw bytes after it. What a body is called by its content type does not matter. */
export const openInference: Form = {
  parse: (body, headers) => {
    const stated = headers[LENGTH];
    if (stated === undefined) return askedOf(parseJson(body.toString()), null);
    const length = readLength(stated, body.length);
    if (length === 0) return { body: undefined, raw: body, id: null, keys: null };
    return askedOf(parseJson(body.toString("utf8", 0, length)), body.subarray(length));
  },
  read: (model, { body, raw }) => (body === undefined && raw ? readRaw(model, raw) : model.reader.read(body, raw)),
  write: (model, id, request, pieces, told) =>
    model.writeAnswer(id, request.rows, request.wanted ?? model.outputs, request.binary, pieces, told),
  error: (_, message) => JSON.stringify({ error: message }),
};

function askedOf(json: unknown, raw: Buffer | null): Asked {
  if (!isObject(json)) return { body: json, raw, id: null, keys: null };
  const parameters = json["parameters"];
  return {
    body: json,
    raw,
    id: readId(json["id"]),
    keys: parameters === undefined ? null : readKeys(parameters, "parameters"),
  };
}

function readLength(stated: string | string[], size: number): number {
  const length = typeof stated === "string" && /^\d+$/.test(stated) ? Number(stated) : Number.NaN;
  if (!(length <= size))
    throw new Refusal(
      400,
      `Inference-Header-Content-Length: expected the bytes of JSON at the start of the body, at most its ${size}, got ${String(stated)}`,
    );
  return length;
}

/** A body of nothing but the raw values of a model's only input; the answer is raw as well. A text is the body itself. */
function readRaw(model: Surface, body: Buffer): InferRequest {
  const [input] = model.reader.inputs;
  if (!input || model.reader.inputs.length > 1)
    throw new Refusal(
      400,
      `Inference-Header-Content-Length: 0 says that the body is one raw tensor, but this model takes ${model.reader.inputs.length} inputs; send JSON before them`,
    );
  const { signature, width } = input;
  const isText = signature.datatype === "BYTES";
  const perRow = width * input.bytes;
  const rows = isText ? 1 : body.length / perRow;
  if (!Number.isInteger(rows) || rows < 1)
    throw new Refusal(
      400,
      `The body: expected a multiple of ${perRow} bytes, one row of '${signature.name}', got ${body.length}`,
    );
  const given = { data: isText ? [body.toString()] : body, place: "The body", cell: undefined };
  input.measure(given, rows);
  return {
    rows,
    eventTimes: null,
    wanted: null,
    binary: new Set(model.outputs),
    view: "usual",
    tensors: [given],
  };
}

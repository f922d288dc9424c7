import { parseJson } from "../bad-json.ts";
import { predictionIds } from "../infer-answer.ts";
import type { InferRequest } from "../infer-request.ts";
import { Refusal, show, wrong } from "../refusal.ts";
import { isObject, readEventTimes, readId, readKeys } from "../request-facts.ts";
import type { Surface } from "../surface.ts";
import { cellsOfCsv } from "./csv.ts";
import type { Form } from "./form.ts";
import { cellsOfColumns, cellsOfLists, cellsOfRecords } from "./rows.ts";
import { jsonOfOutputs, jsonOfScores } from "./scores.ts";
import { type Cells, fieldNames } from "./table.ts";

const FORMATS = ["dataframe_split", "dataframe_records", "instances", "inputs"] as const;
const ALSO = new Set<string>([...FORMATS, "params", "signature_name"]);
const METHODS = ["predict", "predict_proba"];

/** What MLflow's scoring server takes and gives: /invocations. */
export const mlflow: Form = {
  parse: (body, headers) => {
    const isCsv = headers["content-type"]?.trim().toLowerCase().startsWith("text/csv") === true;
    if (isCsv) return { body: body.toString(), raw: null, id: null, keys: null };
    const json = parseJson(body.toString());
    if (!isObject(json)) throw wrong("The body", `an object with one of ${FORMATS.join(", ")}`, json);
    const { params } = json;
    if (params === undefined || params === null) return { body: json, raw: null, id: null, keys: null };
    if (!isObject(params)) throw wrong("params", "an object", params);
    return { body: json, raw: null, id: readId(params["id"]), keys: readKeys(params, "params") };
  },
  read: (model, { body }) => {
    if (typeof body === "string") return requestOf(model, cellsOfCsv(body), undefined);
    const json = isObject(body) ? body : {};
    return requestOf(model, cellsOf(model, json), json["params"]);
  },
  write: (model, id, request, pieces, told) => {
    const rows = pieces.flatMap((piece) =>
      isScored(model, request.view)
        ? jsonOfScores(model, piece, request.view)
        : jsonOfOutputs(model, piece, model.outputs.length === 1),
    );
    const ids = predictionIds(id, request.rows);
    return `{"predictions":[${rows.join()}],"prediction_ids":[${ids}],"model_version":"${model.entry.version}",${told}}`;
  },
  error: (status, message) => JSON.stringify({ error_code: CODES[status] ?? "BAD_REQUEST", message }),
};

/** MLflow's own words for what went wrong. */
const CODES: Readonly<Record<number, string>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "RESOURCE_DOES_NOT_EXIST",
  429: "REQUEST_LIMIT_EXCEEDED",
  500: "INTERNAL_ERROR",
  503: "TEMPORARILY_UNAVAILABLE",
};

function requestOf(model: Surface, cells: Cells, given: unknown): InferRequest {
  const params = isObject(given) ? given : undefined;
  const method = params?.["predict_method"] ?? "predict";
  if (typeof method !== "string" || !METHODS.includes(method))
    throw wrong("params.predict_method", METHODS.map((m) => `"${m}"`).join(" or "), method);
  const isProbabilities = method === "predict_proba";
  if (isProbabilities && model.entry.signature.roles.probabilities === undefined)
    throw new Refusal(400, "params.predict_method: this model gives no probabilities");
  const view = isProbabilities ? "probabilities" : "usual";
  const { rows, tensors } = model.table(cells);
  return {
    rows,
    tensors,
    eventTimes: readEventTimes(params, rows, "params"),
    wanted: isScored(model, view) ? model.meaningful : null,
    binary: null,
    view,
  };
}

/**
 * Whether rows are answered by the meaning of the outputs, as MLflow answers for a classifier or a regression of scikit-learn. A Python model's own predict
 * says what its answer is: MLflow writes all that it returns.
 */
const isScored = ({ entry, meaningful }: Surface, view: InferRequest["view"]) =>
  meaningful.length > 0 && (entry.runtime !== "pyfunc" || view === "probabilities");

function cellsOf({ entry }: Surface, body: Readonly<Record<string, unknown>>): Cells {
  const { inputs } = entry.signature;
  const given = FORMATS.filter((format) => body[format] !== undefined);
  const [format] = given;
  if (!format || given.length > 1) {
    const names = given.length > 1 ? given : Object.keys(body);
    const got = names.length > 0 ? show(names) : "an empty object";
    throw new Refusal(400, `The body: expected exactly one of ${FORMATS.join(", ")}, got ${got}`);
  }
  for (const key in body)
    if (!ALSO.has(key)) throw new Refusal(400, `The body: ${JSON.stringify(key)} is not known here`);
  const value = body[format];
  const width = fieldNames(inputs).length;
  if (format === "dataframe_split") return cellsOfSplit(value, width);
  if (format === "dataframe_records") return cellsOfRecords(value, format);
  if (format === "inputs" && isObject(value)) return cellsOfColumns(value, format);
  return Array.isArray(value) && isObject(value[0])
    ? cellsOfRecords(value, format)
    : cellsOfLists(value, format, null, width);
}

/** What pandas writes with orient="split". Columns without names are 0, 1, 2, …, and then stand in the order of the inputs. */
function cellsOfSplit(value: unknown, width: number): Cells {
  if (!isObject(value)) throw wrong("dataframe_split", "an object with columns and data", value);
  const { columns } = value;
  if (columns === undefined || columns === null)
    return cellsOfLists(value["data"], "dataframe_split.data", null, width);
  if (!Array.isArray(columns)) throw wrong("dataframe_split.columns", "a list of names", columns);
  const isCounted = columns.every((name, i) => name === i);
  columns.forEach((name: unknown, i) => {
    if (!isCounted && typeof name !== "string") throw wrong(`dataframe_split.columns[${i}]`, "a name", name);
  });
  const names = isCounted ? null : (columns as string[]);
  return cellsOfLists(value["data"], "dataframe_split.data", names, isCounted ? width : columns.length);
}

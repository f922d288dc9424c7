import { parseJson } from "../bad-json.ts";
import { predictionId } from "../infer-answer.ts";
import { wrong } from "../refusal.ts";
import { isObject, readEventTimes, readId, readKeys } from "../request-facts.ts";
import type { Form } from "./form.ts";
import { cellsOfRecords } from "./rows.ts";
import { jsonOfMeaning, jsonOfOutputs } from "./scores.ts";
import type { Cells } from "./table.ts";

/** For people with curl: {"features": {…}}, or a list of them; the answer is one object per row. */
export const plain: Form = {
  parse: (body) => {
    const json = parseJson(body.toString());
    if (!isObject(json)) throw wrong("The body", "an object with features", json);
    return { body: json, raw: null, id: readId(json["id"]), keys: readKeys(json, null) };
  },
  read: (model, { body }) => {
    const json = isObject(body) ? body : {};
    const { features } = json;
    if (!isObject(features) && !Array.isArray(features))
      throw wrong("features", "an object, or a list of objects, one per row", features);
    const cells = isObject(features)
      ? withoutIndex(cellsOfRecords([features], "features"))
      : cellsOfRecords(features, "features");
    const { rows, tensors } = model.table(cells);
    return {
      rows,
      tensors,
      eventTimes: readEventTimes(json, rows, "The body"),
      wanted: model.meaningful.length > 0 ? model.meaningful : null,
      binary: null,
      view: "usual",
    };
  },
  write: (model, id, request, pieces, told) => {
    const hasMeaning = model.meaningful.length > 0;
    const rows = pieces.flatMap((piece) =>
      hasMeaning ? jsonOfMeaning(model, piece) : jsonOfOutputs(model, piece, false).map((text) => `"outputs":${text}`),
    );
    const predictions = rows.map(
      (text, row) => `{"id":${JSON.stringify(predictionId(id, row, request.rows))},${text}}`,
    );
    return `{"predictions":[${predictions.join()}],"model":${JSON.stringify(model.endpoint)},${told}}`;
  },
  error: (_, message) => JSON.stringify({ error: message }),
};

/** The places of a single object carry no row. */
function withoutIndex(cells: Cells): Cells {
  return {
    ...cells,
    namesPlace: "features",
    place: (_, column) => `features.${cells.names?.[column] ?? ""}`,
  };
}

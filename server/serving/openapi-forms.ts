import { type ModelSignature, rowWidth, type TensorSignature } from "#server/registry/contract.ts";
import { ANSWERED_BY, array, ENTITY_KEY, object, ref, type Schema, valueSchema } from "./openapi-schema.ts";

// The forms that are tables: plain objects, and those of MLflow. Names and types are the model's.

const TIME = { type: "string", format: "date-time" };
const EVENT_TIME = {
  description: "When it happened: for all rows, or one per row",
  oneOf: [TIME, { type: "array", items: TIME }],
};
const ID = { type: "string", maxLength: 128, description: "The id of the prediction; made when absent" };

/** Schemas of the tabular requests and answers of a model, by name. */
export function tableSchemas(endpoint: string, signature: ModelSignature): Record<string, Schema> {
  const { inputs } = signature;
  const fields = inputs.flatMap(fieldsOf);
  const row = {
    type: "array",
    minItems: fields.length,
    maxItems: fields.length,
    prefixItems: fields.map(({ name, schema }) => ({ title: name, ...schema })),
  };
  const record = object(
    inputs.map((input) => input.name),
    Object.fromEntries(inputs.map((input) => [input.name, wholeOf(input)])),
  );
  const columns = object(
    inputs.map((input) => input.name),
    Object.fromEntries(inputs.map((input) => [input.name, { ...array(wholeOf(input)), minItems: 1 }])),
  );
  const rows = (items: Schema): Schema => ({ type: "array", minItems: 1, items });
  const params = ref("Params");
  const one = (key: string, schema: Schema): Schema => ({
    title: key,
    ...object([key], { [key]: schema, params }),
    additionalProperties: false,
  });
  return {
    Row: { description: "A value for each input, by name", ...record },
    PlainRequest: object(["features"], {
      features: { oneOf: [ref("Row"), rows(ref("Row"))] },
      id: ID,
      event_time: EVENT_TIME,
      entity_key: ENTITY_KEY,
    }),
    PlainResponse: object(["predictions", "model", "arm"], {
      predictions: array(meaningOf(signature)),
      model: { const: endpoint },
      ...ANSWERED_BY,
    }),
    Params: {
      type: "object",
      properties: {
        id: ID,
        event_time: EVENT_TIME,
        entity_key: ENTITY_KEY,
        predict_method: { enum: ["predict", "predict_proba"] },
      },
    },
    ScoringRequest: {
      description: "What MLflow's scoring server takes: exactly one of four",
      oneOf: [
        one(
          "dataframe_split",
          object(["columns", "data"], {
            columns: array({ enum: fields.map(({ name }) => name) }),
            data: rows({ type: "array" }),
            index: { type: "array" },
          }),
        ),
        one(
          "dataframe_records",
          rows({ type: "object", properties: recordFields(fields), required: fields.map((f) => f.name) }),
        ),
        one("instances", rows({ anyOf: [row, ref("Row")] })),
        one("inputs", { anyOf: [columns, rows(row)] }),
      ],
    },
    ScoringResponse: object(["predictions", "prediction_ids", "model_version"], {
      predictions: {
        type: "array",
        description: "One per row: the class, the number, or its probabilities when asked",
      },
      prediction_ids: { ...array({ type: "string" }), description: "One per row; send the outcome by it" },
      model_version: { type: "string" },
      ...ANSWERED_BY,
    }),
    ScoringError: object(["error_code", "message"], { error_code: { type: "string" }, message: { type: "string" } }),
  };
}

interface FieldSchema {
  readonly name: string;
  readonly schema: Schema;
}

function fieldsOf(tensor: TensorSignature): FieldSchema[] {
  const width = rowWidth(tensor);
  const schema = cellSchema(tensor.datatype);
  return Array.from({ length: width }, (_, i) => ({
    name: width === 1 ? tensor.name : `${tensor.name}[${i}]`,
    schema,
  }));
}

const recordFields = (fields: readonly FieldSchema[]): Record<string, Schema> =>
  Object.fromEntries(fields.map(({ name, schema }) => [name, schema]));

/** A missing number or text is null. */
function cellSchema(datatype: string): Schema {
  if (datatype === "BYTES") return { type: ["string", "null"] };
  return datatype.startsWith("FP") ? { type: ["number", "null"] } : valueSchema(datatype);
}

function wholeOf(tensor: TensorSignature): Schema {
  const width = rowWidth(tensor);
  const cell = cellSchema(tensor.datatype);
  return width === 1 ? cell : { type: "array", items: cell };
}

function meaningOf({ classes, roles, outputs }: ModelSignature): Schema {
  const has = (role: keyof typeof roles) => roles[role] !== undefined;
  const number = { type: "number" };
  const probabilities = classes
    ? object(classes, Object.fromEntries(classes.map((name) => [name, number])))
    : array(number);
  const hasMeaning = has("label") || has("probabilities") || has("value");
  return object(["id"], {
    id: { type: "string", description: "Send the outcome by it" },
    ...(has("label") || (has("probabilities") && classes) ? { label: { type: ["string", "number", "boolean"] } } : {}),
    ...(has("probabilities") ? { probabilities } : {}),
    ...(has("value") ? { value: number } : {}),
    ...(hasMeaning
      ? {}
      : {
          outputs: object(
            outputs.map((output) => output.name),
            {},
          ),
        }),
  });
}

import { type ModelSignature, rowWidth, type TensorSignature } from "#server/registry/contract.ts";
import type { ExampleInput } from "./contract.ts";
import { tableSchemas } from "./openapi-forms.ts";
import { ANSWERED_BY, content, ENTITY_KEY, object, ref, type Schema, valueSchema } from "./openapi-schema.ts";
import { requestForms } from "./request-forms.ts";

export interface OpenApiFacts {
  readonly endpoint: string;
  readonly version: number;
  readonly signature: ModelSignature;
  /** A row that the model accepts; made up when it is empty. */
  readonly example: readonly ExampleInput[];
}

/** The OpenAPI 3.1 document of one endpoint, made from its model's signature, so that generated clients know names, types and shapes. */
export function openApi({ endpoint, version, signature, example }: OpenApiFacts, url: string): Schema {
  const name = encodeURIComponent(endpoint);
  const base = `/v2/models/${name}`;
  const forms = requestForms(endpoint, example.length > 0 ? example : madeUp(signature.inputs));
  const examplesOf = (path: string, type = "application/json") =>
    Object.fromEntries(
      forms.filter((form) => form.path === path && form.contentType === type).map((form) => [form.id, form.body]),
    );
  const post = (
    path: string,
    id: string,
    summary: string,
    schemas: { request: string; answer: string; error: string },
  ) => ({
    post: {
      ...operation(id, summary, schemas.answer, { ...failures(schemas.error), ...busy(schemas.error) }),
      requestBody: {
        required: true,
        content: {
          ...content("application/json", ref(schemas.request), examplesOf(path)),
          ...(id === "invocations" ? content("text/csv", { type: "string" }, examplesOf(path, "text/csv")) : {}),
        },
      },
    },
  });
  const invocations = `/endpoints/${name}/invocations`;
  const outcomes = { outcomes: [{ id: "the id of a prediction", ...happened(signature) }] };
  return {
    openapi: "3.1.0",
    info: {
      title: endpoint,
      version: String(version),
      description:
        "Predictions as plain JSON, over the Open Inference Protocol v2 and in MLflow's form: the same model, checks and log. Send the later outcome of a prediction by its id.",
    },
    servers: [{ url }],
    security: [{ token: [] }],
    paths: {
      [base]: { get: operation("describeModel", "Names, types and shapes of inputs and outputs", "Model", failures()) },
      [`${base}/ready`]: {
        get: operation("modelReady", "Whether the endpoint answers predictions", "Ready", failures()),
      },
      [`${base}/predict`]: post(`${base}/predict`, "predict", "Predict one or several rows, by name", {
        request: "PlainRequest",
        answer: "PlainResponse",
        error: "Error",
      }),
      [`${base}/infer`]: post(`${base}/infer`, "infer", "Predict one or several rows, as tensors", {
        request: "InferRequest",
        answer: "InferResponse",
        error: "Error",
      }),
      [invocations]: post(invocations, "invocations", "Predict one or several rows, as MLflow's scoring server does", {
        request: "ScoringRequest",
        answer: "ScoringResponse",
        error: "ScoringError",
      }),
      [`${base}/outcomes`]: {
        post: {
          ...operation("recordOutcomes", "Tell what really happened", "OutcomeReceipt", { ...failures(), ...busy() }),
          requestBody: { required: true, content: content("application/json", ref("Outcomes"), { outcome: outcomes }) },
        },
      },
    },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "An API token of the project" } },
      schemas: { ...tensorSchemas(endpoint, signature), ...tableSchemas(endpoint, signature) },
    },
  };
}

const failures = (error = "Error"): Schema => ({
  "400": response("The request is wrong; the text names the place", error),
  "401": response("The token is missing or not valid", error),
  "403": response("The token may not do this", error),
  "404": response("The endpoint or the version is not live", error),
});
const busy = (error = "Error"): Schema => ({
  "413": response("The body is too large", error),
  "415": response("The body is compressed", error),
  "429": response("Too many rows are waiting; Retry-After says how long to wait", error),
  "503": response("The endpoint is stopped, or its model is being loaded", error),
});

function tensorSchemas(endpoint: string, signature: ModelSignature): Record<string, Schema> {
  return {
    Error: object(["error"], { error: { type: "string" } }),
    Ready: object(["name", "ready"], { name: { const: endpoint }, ready: { type: "boolean" } }),
    TensorMetadata: object(["name", "datatype", "shape"], {
      name: { type: "string" },
      datatype: { type: "string" },
      shape: { type: "array", items: { type: "integer" } },
    }),
    Model: object(["name", "platform", "inputs", "outputs"], {
      name: { const: endpoint },
      versions: { type: "array", items: { type: "string" } },
      platform: { const: "onnx_onnxv1" },
      inputs: { type: "array", items: ref("TensorMetadata") },
      outputs: { type: "array", items: ref("TensorMetadata") },
    }),
    InferRequest: inferRequest(
      signature.inputs,
      signature.outputs.map((output) => output.name),
    ),
    InferResponse: inferResponse(endpoint, signature.outputs),
    Outcomes: object(["outcomes"], { outcomes: { type: "array", minItems: 1, items: outcome(signature) } }),
    OutcomeReceipt: object(["accepted", "unknown"], {
      accepted: { type: "integer", minimum: 0 },
      unknown: {
        type: "array",
        items: { type: "string" },
        description: "Ids that no prediction of this endpoint has",
      },
      entities: object(["matched", "unknown", "ambiguous"], {
        matched: namedEntities({ prediction_id: { type: "string" } }),
        unknown: namedEntities({}),
        ambiguous: namedEntities({ prediction_ids: { type: "array", items: { type: "string" } } }),
      }),
    }),
  };
}

function operation(operationId: string, summary: string, schema: string, errors: Schema): Schema {
  return { operationId, summary, responses: { "200": response(summary, schema), ...errors } };
}

function response(description: string, schema: string): Schema {
  return { description, content: content("application/json", ref(schema)) };
}

function inferRequest(inputs: readonly TensorSignature[], outputs: readonly string[]): Schema {
  const time = { type: "string", format: "date-time" };
  return object(["inputs"], {
    id: {
      type: "string",
      maxLength: 128,
      description: "Returned as it is, and the id of the prediction; made when absent",
    },
    parameters: {
      type: "object",
      properties: {
        event_time: {
          description: "When it happened: for all rows, or one per row",
          oneOf: [time, { type: "array", items: time }],
        },
        entity_key: ENTITY_KEY,
      },
    },
    inputs: {
      type: "array",
      minItems: inputs.length,
      maxItems: inputs.length,
      description: "Each input of the model once, in any order",
      items: { oneOf: inputs.map(inputTensor) },
    },
    outputs: { type: "array", items: object(["name"], { name: { enum: outputs } }), description: "All when absent" },
  });
}

function inputTensor(tensor: TensorSignature): Schema {
  const { name, datatype, shape } = tensor;
  const value = valueSchema(datatype);
  const flat = { type: "array", minItems: rowWidth(tensor), items: value };
  const nested = shape
    .slice(1)
    .reduceRight<Schema>((items, d) => ({ type: "array", minItems: d, maxItems: d, items }), value);
  return {
    title: name,
    ...object(["name", "shape", "datatype", "data"], {
      name: { const: name },
      shape: shapeSchema(shape),
      datatype: { const: datatype },
      data: shape.length > 1 ? { oneOf: [flat, { type: "array", minItems: 1, items: nested }] } : flat,
    }),
  };
}

function inferResponse(endpoint: string, outputs: readonly TensorSignature[]): Schema {
  const tensors = outputs.map(({ name, datatype, shape }) => ({
    title: name,
    ...object(["name", "shape", "datatype", "data"], {
      name: { const: name },
      shape: shapeSchema(shape),
      datatype: { const: datatype },
      data: { type: "array", items: valueSchema(datatype) },
    }),
  }));
  return object(["model_name", "model_version", "id", "parameters", "outputs"], {
    model_name: { const: endpoint },
    model_version: { type: "string" },
    id: { type: "string" },
    parameters: object(["prediction_ids", "arm"], {
      prediction_ids: { type: "array", items: { type: "string" }, description: "One per row; send the outcome by it" },
      ...ANSWERED_BY,
    }),
    outputs: { type: "array", items: { oneOf: tensors } },
  });
}

function outcome({ classes, task }: ModelSignature): Schema {
  const label = classes ? { enum: classes } : { type: ["string", "number", "boolean"] };
  const told = task === "classification" ? ["label"] : task === "regression" ? ["value"] : [];
  const schema = object(told, {
    id: { type: "string", description: "One of prediction_ids" },
    entity_key: {
      type: "string",
      description: "In place of id: the entity's prediction whose event was the last at observed_at is meant",
    },
    since: { type: "string", format: "date-time", description: "Beside entity_key: no event before it is meant" },
    ...(task === "regression" ? {} : { label }),
    ...(task === "classification" ? {} : { value: { type: "number" } }),
    observed_at: {
      type: "string",
      format: "date-time",
      description: "When it came true, not in the future; without it, now",
    },
  });
  return { ...schema, oneOf: [{ required: ["id"] }, { required: ["entity_key", "observed_at"] }] };
}

/** Outcomes that were told by entity_key, each with what it was taken for. */
function namedEntities(more: Readonly<Record<string, Schema>>): Schema {
  const properties = { entity_key: { type: "string" }, observed_at: { type: "string", format: "date-time" }, ...more };
  return { type: "array", items: object(Object.keys(properties), properties) };
}

function shapeSchema(shape: readonly number[]): Schema {
  const dimension = (d: number, i: number): Schema =>
    d >= 0 ? { const: d } : { type: "integer", minimum: i === 0 ? 1 : 0 };
  return { type: "array", minItems: shape.length, maxItems: shape.length, prefixItems: shape.map(dimension) };
}

function happened({ task, classes }: ModelSignature): Schema {
  return task === "regression" ? { value: 1.5 } : { label: classes?.[0] ?? "label" };
}

function madeUp(inputs: readonly TensorSignature[]): ExampleInput[] {
  return inputs.map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape.map((d) => (d < 0 ? 1 : d)),
    datatype: tensor.datatype,
    data: new Array<number | string | boolean>(rowWidth(tensor)).fill(
      tensor.datatype === "BYTES" ? "text" : tensor.datatype === "BOOL" ? true : 0,
    ),
  }));
}

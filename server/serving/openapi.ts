import { type ModelSignature, rowWidth, type TensorSignature } from "#server/registry/contract.ts";

type Schema = Record<string, unknown>;

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Schema, example?: unknown): Schema => ({
  "application/json": example === undefined ? { schema } : { schema, example },
});
const object = (required: string[], properties: Record<string, Schema>): Schema => ({
  type: "object",
  required,
  properties,
});

/** The OpenAPI 3.1 document of one endpoint, made from its model's signature, so that generated clients know names, types and shapes. */
export function openApi(
  { endpoint, version, signature }: { endpoint: string; version: number; signature: ModelSignature },
  url: string,
): Schema {
  const base = `/v2/models/${encodeURIComponent(endpoint)}`;
  const failures = {
    "400": response("The request is wrong; the text names the place", "Error"),
    "401": response("The token is missing or not valid", "Error"),
    "403": response("The token may not do this", "Error"),
    "404": response("The endpoint or the version is not live", "Error"),
  };
  const busy = {
    "413": response("The body is too large", "Error"),
    "415": response("The body is not JSON", "Error"),
    "429": response("Too many rows are waiting; Retry-After says how long to wait", "Error"),
    "503": response("The endpoint is stopped, or its model is being loaded", "Error"),
  };
  return {
    openapi: "3.1.0",
    info: {
      title: endpoint,
      version: String(version),
      description: "Predictions over the Open Inference Protocol v2. Send the later outcome of a prediction by its id.",
    },
    servers: [{ url }],
    security: [{ token: [] }],
    paths: {
      [base]: { get: operation("describeModel", "Names, types and shapes of inputs and outputs", "Model", failures) },
      [`${base}/ready`]: {
        get: operation("modelReady", "Whether the endpoint answers predictions", "Ready", failures),
      },
      [`${base}/infer`]: {
        post: {
          ...operation("infer", "Predict one or several rows", "InferResponse", { ...failures, ...busy }),
          requestBody: { required: true, content: json(ref("InferRequest"), exampleRequest(signature.inputs)) },
        },
      },
      [`${base}/outcomes`]: {
        post: {
          ...operation("recordOutcomes", "Tell what really happened", "OutcomeReceipt", {
            ...failures,
            "413": busy["413"],
            "415": busy["415"],
          }),
          requestBody: { required: true, content: json(ref("Outcomes")) },
        },
      },
    },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "An API token of the project" } },
      schemas: {
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
        }),
      },
    },
  };
}

function operation(operationId: string, summary: string, schema: string, failures: Schema): Schema {
  return { operationId, summary, responses: { "200": response(summary, schema), ...failures } };
}

function response(description: string, schema: string): Schema {
  return { description, content: json(ref(schema)) };
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
    parameters: object(["prediction_ids"], {
      prediction_ids: { type: "array", items: { type: "string" }, description: "One per row; send the outcome by it" },
    }),
    outputs: { type: "array", items: { oneOf: tensors } },
  });
}

function outcome({ classes, task }: ModelSignature): Schema {
  const label = classes ? { enum: classes } : { type: ["string", "number", "boolean"] };
  const told = task === "classification" ? ["label"] : task === "regression" ? ["value"] : [];
  return object(["id", ...told], {
    id: { type: "string", description: "One of prediction_ids" },
    ...(task === "regression" ? {} : { label }),
    ...(task === "classification" ? {} : { value: { type: "number" } }),
    observed_at: { type: "string", format: "date-time" },
  });
}

function shapeSchema(shape: readonly number[]): Schema {
  const dimension = (d: number, i: number): Schema =>
    d >= 0 ? { const: d } : { type: "integer", minimum: i === 0 ? 1 : 0 };
  return { type: "array", minItems: shape.length, maxItems: shape.length, prefixItems: shape.map(dimension) };
}

function valueSchema(datatype: string): Schema {
  if (datatype === "BYTES") return { type: "string" };
  if (datatype === "BOOL") return { type: "boolean" };
  return { type: datatype.startsWith("FP") ? "number" : "integer" };
}

function exampleRequest(inputs: readonly TensorSignature[]): unknown {
  const value = (datatype: string) => (datatype === "BYTES" ? "text" : datatype === "BOOL" ? true : 0);
  return {
    inputs: inputs.map((tensor) => ({
      name: tensor.name,
      shape: tensor.shape.map((d) => (d < 0 ? 1 : d)),
      datatype: tensor.datatype,
      data: new Array(rowWidth(tensor)).fill(value(tensor.datatype)),
    })),
  };
}

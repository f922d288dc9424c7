import type { ExampleInput, FormId } from "./contract.ts";

/** One way to ask for a prediction, with a request that works. */
export interface FormExample {
  readonly id: FormId;
  readonly title: string;
  /** When to take it, in a sentence. */
  readonly hint: string;
  readonly path: string;
  readonly contentType: "application/json" | "text/csv";
  /** A JSON object, or text. */
  readonly body: object | string;
}

type Value = ExampleInput["data"][number];

/** The same row in every form that an endpoint understands. */
export function requestForms(endpoint: string, example: readonly ExampleInput[]): FormExample[] {
  const name = encodeURIComponent(endpoint);
  const model = `/v2/models/${name}`;
  const invocations = `/endpoints/${name}/invocations`;
  const fields = example.flatMap(fieldNames);
  const values = example.flatMap((input) => input.data);
  const record = Object.fromEntries(example.map((input) => [input.name, wholeOf(input)]));
  const columns = Object.fromEntries(example.map((input) => [input.name, [wholeOf(input)]]));
  const json = "application/json" as const;
  const mlflow = (id: FormId, key: string, value: unknown, hint: string): FormExample => ({
    id,
    title: `MLflow: ${key}`,
    hint,
    path: invocations,
    contentType: json,
    body: { [key]: value },
  });
  return [
    {
      id: "plain",
      title: "Plain JSON",
      hint: "By name, one object per row: the shortest for people and scripts.",
      path: `${model}/predict`,
      contentType: json,
      body: { features: record },
    },
    {
      id: "open-inference",
      title: "Open Inference Protocol",
      hint: "One tensor per input: what the clients of KServe and Triton send, also as raw bytes.",
      path: `${model}/infer`,
      contentType: json,
      body: {
        inputs: example.map(({ name: input, datatype, shape, data }) => ({ name: input, datatype, shape, data })),
      },
    },
    mlflow(
      "mlflow-split",
      "dataframe_split",
      { columns: fields, data: [values] },
      "What MLflow writes for a pandas table.",
    ),
    mlflow(
      "mlflow-records",
      "dataframe_records",
      [Object.fromEntries(fields.map((field, i) => [field, values[i]]))],
      "A pandas table as one object per row.",
    ),
    mlflow("mlflow-instances", "instances", [values], "Rows of values in the order of the model's inputs."),
    mlflow("mlflow-inputs", "inputs", columns, "One list per input."),
    {
      id: "mlflow-csv",
      title: "MLflow: CSV",
      hint: "A line of names, then a line per row.",
      path: invocations,
      contentType: "text/csv",
      body: `${fields.map(cellOf).join()}\n${values.map(cellOf).join()}\n`,
    },
  ];
}

/** The body as it is sent, over several lines where that helps to read it. */
export function bodyText({ body }: Pick<FormExample, "body">): string {
  return typeof body === "string" ? body : JSON.stringify(body, null, 2);
}

function fieldNames({ name, data }: ExampleInput): string[] {
  return data.length === 1 ? [name] : data.map((_, i) => `${name}[${i}]`);
}

function wholeOf({ data }: ExampleInput): Value | readonly Value[] {
  return data.length === 1 ? (data[0] ?? 0) : data;
}

function cellOf(value: Value): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

import type { ExampleInput, TryAnswer } from "#server/serving/contract.ts";

/** What a person typed for each input, by its name; several values of one input are separated by commas. */
export type Typed = Readonly<Record<string, string>>;

/** The example as text for the fields. */
export function typedFrom(example: readonly ExampleInput[]): Typed {
  return Object.fromEntries(
    example.map(({ name, data }) => [name, data.length === 1 ? String(data[0]) : data.join(", ")]),
  );
}

/**
 * The request that the fields mean. Text that is no number is sent as it is: the endpoint answers with the exact place, as it would to a program.
 */
export function requestFrom(example: readonly ExampleInput[], typed: Typed): { inputs: unknown[] } {
  return {
    inputs: example.map(({ name, datatype, shape, data }) => {
      const text = typed[name] ?? "";
      const parts = data.length === 1 ? [text] : text.split(",").map((part) => part.trim());
      return { name, datatype, shape, data: parts.map((part) => valueOf(datatype, part)) };
    }),
  };
}

function valueOf(datatype: ExampleInput["datatype"], text: string): string | number | boolean {
  if (datatype === "BYTES") return text;
  const word = text.trim().toLowerCase();
  if (datatype === "BOOL") return word === "true" ? true : word === "false" ? false : text;
  const number = Number(word);
  return word !== "" && Number.isFinite(number) ? number : text;
}

export interface ReadAnswer {
  readonly label: string | null;
  readonly value: number | null;
  readonly probabilities: readonly { readonly label: string; readonly value: number }[];
  readonly predictionId: string | null;
  readonly version: string | null;
  readonly error: string | null;
}

/** What an answer of the protocol says, by the roles of the model's outputs. */
export function readAnswer(
  { status, body }: TryAnswer,
  roles: { label?: string | undefined; probabilities?: string | undefined; value?: string | undefined },
  classes: readonly string[] | null,
): ReadAnswer {
  const answer = (typeof body === "object" && body !== null ? body : {}) as {
    error?: unknown;
    model_version?: unknown;
    parameters?: { prediction_ids?: unknown[] };
    outputs?: { name: string; data: unknown[] }[];
  };
  const dataOf = (name: string | undefined) => answer.outputs?.find((output) => output.name === name)?.data ?? [];
  const [label] = dataOf(roles.label);
  const [value] = dataOf(roles.value);
  const probabilities = dataOf(roles.probabilities).filter((p): p is number => typeof p === "number");
  const most = probabilities.indexOf(Math.max(...probabilities));
  const [id] = answer.parameters?.prediction_ids ?? [];
  const failed = typeof answer.error === "string" ? answer.error : `The endpoint answered ${status}.`;
  return {
    label: typeof label === "string" || typeof label === "number" ? String(label) : (classes?.[most] ?? null),
    value: typeof value === "number" ? value : null,
    probabilities: probabilities.map((p, i) => ({ label: classes?.[i] ?? String(i), value: p })),
    predictionId: typeof id === "string" ? id : null,
    version: typeof answer.model_version === "string" ? answer.model_version : null,
    error: status === 200 ? null : failed,
  };
}

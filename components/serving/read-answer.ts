import { ServedArm, type TryAnswer } from "#server/serving/contract.ts";

export interface ReadAnswer {
  /** The class or the number of the first row; null where the outputs have no stated meaning. */
  readonly said: string | number | null;
  readonly probabilities: readonly { readonly label: string; readonly value: number }[];
  readonly version: string | null;
  /** As what that version answered; null where the form does not say. */
  readonly arm: ServedArm | null;
  readonly error: string | null;
}

/** What an answer says of its first row, in whichever form it came; tensors are read by the roles of the model's outputs. */
export function readAnswer(
  { status, body }: Pick<TryAnswer, "status" | "body">,
  roles: { label?: string | undefined; probabilities?: string | undefined; value?: string | undefined },
  classes: readonly string[] | null,
): ReadAnswer {
  const answer = isObject(body) ? body : {};
  if (status !== 200) {
    const told = answer["error"] ?? answer["message"];
    const error = typeof told === "string" ? told : `The endpoint answered ${status}.`;
    return { said: null, probabilities: [], version: null, arm: null, error };
  }
  const version = answer["model_version"] ?? answer["version"];
  const read = Array.isArray(answer["outputs"]) ? ofTensors(answer["outputs"], roles, classes) : ofRows(answer);
  const parameters = isObject(answer["parameters"]) ? answer["parameters"] : answer;
  const arm = ServedArm.safeParse(parameters["arm"]).data ?? null;
  return { ...read, version: typeof version === "string" ? version : null, arm, error: null };
}

type Read = Pick<ReadAnswer, "said" | "probabilities">;

function ofTensors(
  outputs: readonly unknown[],
  roles: Parameters<typeof readAnswer>[1],
  classes: readonly string[] | null,
): Read {
  const dataOf = (name: string | undefined): readonly unknown[] => {
    const output = outputs.filter(isObject).find((tensor) => tensor["name"] === name);
    return name !== undefined && Array.isArray(output?.["data"]) ? output["data"] : [];
  };
  const numbers = dataOf(roles.probabilities).filter((p): p is number => typeof p === "number");
  const mine = numbers.slice(0, classes?.length ?? numbers.length);
  const most = classes?.[mine.indexOf(Math.max(...mine))] ?? null;
  return {
    said: plain(dataOf(roles.label)[0]) ?? most ?? plain(dataOf(roles.value)[0]),
    probabilities: mine.map((value, i) => ({ label: classes?.[i] ?? String(i), value })),
  };
}

function ofRows(answer: Readonly<Record<string, unknown>>): Read {
  const rows: readonly unknown[] = Array.isArray(answer["predictions"]) ? answer["predictions"] : [];
  const [first] = rows;
  if (!isObject(first)) return { said: plain(first), probabilities: [] };
  const { label, value, probabilities } = first;
  const named = isObject(probabilities) ? Object.entries(probabilities) : [];
  return {
    said: plain(label) ?? plain(value),
    probabilities: named.flatMap(([name, p]) => (typeof p === "number" ? [{ label: name, value: p }] : [])),
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const plain = (value: unknown): string | number | null =>
  typeof value === "string" || typeof value === "number" ? value : typeof value === "boolean" ? String(value) : null;

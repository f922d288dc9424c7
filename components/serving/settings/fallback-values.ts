import type { ModelSignature, TensorSignature } from "#server/registry/contract.ts";
import { rowWidth } from "#server/registry/contract.ts";
import type { Fallback } from "#server/serving/contract.ts";

type Scalar = number | string | boolean;
/** What a person has typed, by output, one text per value. */
export type Typed = Readonly<Record<string, readonly string[]>>;
type Signed = Pick<ModelSignature, "outputs" | "classes" | "roles">;

/** How many values a row of an output has; null where its shape leaves it open and no classes tell it. */
export function widthOf(output: TensorSignature, { classes, roles }: Signed): number | null {
  const isOpen = output.shape.slice(1).some((d) => d < 0);
  if (!isOpen) return rowWidth(output);
  return output.name === roles.probabilities ? (classes?.length ?? null) : null;
}

/** What stands in the fields at first: the declared answer, else nothing. */
export function typedOf(fallback: Fallback | null, signature: Signed): Typed {
  return Object.fromEntries(
    signature.outputs.map((output) => {
      const given = fallback?.[output.name];
      const values = given === undefined ? [] : Array.isArray(given) ? given : [given];
      const width = widthOf(output, signature) ?? values.length;
      return [output.name, Array.from({ length: width }, (_, i) => String(values[i] ?? ""))];
    }),
  );
}

/** What was typed, as values of the outputs. What cannot be one goes as it was typed: the server's refusal names it. */
export function fallbackOf(typed: Typed, signature: Signed): Fallback {
  return Object.fromEntries(
    signature.outputs.map((output) => {
      const values = (typed[output.name] ?? []).map((text) => valueOf(text, output.datatype));
      const [only] = values;
      return [output.name, values.length === 1 && only !== undefined ? only : values];
    }),
  );
}

function valueOf(text: string, datatype: string): Scalar {
  if (datatype === "BYTES") return text;
  if (datatype === "BOOL") return text === "true" ? true : text === "false" ? false : text;
  const number = text.trim() === "" ? Number.NaN : Number(text.trim().replace(",", "."));
  return Number.isFinite(number) ? number : text;
}

/** The answer to a request of one row, as a caller of the Open Inference Protocol gets it. */
export function answerText(endpoint: string, version: number, fallback: Fallback, signature: Signed): string {
  return JSON.stringify(
    {
      model_name: endpoint,
      model_version: String(version),
      id: "id-of-the-request",
      parameters: { prediction_ids: ["id-of-the-request"], arm: "fallback", fallback: true },
      outputs: signature.outputs.map((output) => {
        const given = fallback[output.name] ?? [];
        const data = Array.isArray(given) ? given : [given];
        const fixed = output.shape.slice(1);
        const dims = fixed.every((d) => d >= 0) ? fixed : [data.length];
        return { name: output.name, shape: [1, ...dims], datatype: output.datatype, data };
      }),
    },
    null,
    2,
  );
}

import { expect, test } from "vitest";
import type { ModelSignature } from "#server/registry/contract.ts";
import { answerText, fallbackOf, typedOf, widthOf } from "./fallback-values.ts";

const tensor = (name: string, datatype: string, shape: number[]) => ({
  name,
  datatype,
  shape,
  symbols: shape.map(() => null),
});
const signature = {
  outputs: [tensor("label", "BYTES", [-1]), tensor("probabilities", "FP32", [-1, -1]), tensor("late", "BOOL", [-1, 1])],
  classes: ["no", "yes"],
  roles: { label: "label", probabilities: "probabilities" },
} as unknown as Pick<ModelSignature, "outputs" | "classes" | "roles">;

test("fields are made from the outputs; an open width of probabilities is that of the classes", () => {
  expect(signature.outputs.map((output) => widthOf(output, signature))).toEqual([1, 2, 1]);
  expect(typedOf(null, signature)).toEqual({ label: [""], probabilities: ["", ""], late: [""] });
  const declared = { label: "no", probabilities: [0.8, 0.2], late: false };
  expect(typedOf(declared, signature)).toEqual({ label: ["no"], probabilities: ["0.8", "0.2"], late: ["false"] });
});

test("what was typed becomes values, and what cannot be one stays as it was typed", () => {
  const typed = { label: ["no"], probabilities: ["0,8", "most"], late: ["false"] };
  expect(fallbackOf(typed, signature)).toEqual({ label: "no", probabilities: [0.8, "most"], late: false });
});

test("the answer is shown as callers get it", () => {
  const answer: unknown = JSON.parse(
    answerText("flights", 3, { label: "no", probabilities: [0.8, 0.2], late: false }, signature),
  );
  expect(answer).toMatchObject({
    model_name: "flights",
    model_version: "3",
    parameters: { fallback: true },
    outputs: [
      { name: "label", shape: [1], data: ["no"] },
      { name: "probabilities", shape: [1, 2], data: [0.8, 0.2] },
      { name: "late", shape: [1, 1], datatype: "BOOL", data: [false] },
    ],
  });
});

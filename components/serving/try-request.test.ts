import { expect, test } from "vitest";
import type { ExampleInput } from "#server/serving/contract.ts";
import { readAnswer, requestFrom, typedFrom } from "./try-request.ts";

const example: ExampleInput[] = [
  { name: "size", datatype: "FP32", shape: [1, 1], data: [0.5] },
  { name: "flag", datatype: "BOOL", shape: [1, 1], data: [true] },
  { name: "city", datatype: "BYTES", shape: [1, 1], data: ["Oslo"] },
  { name: "x", datatype: "FP32", shape: [1, 3], data: [1, 2, 3] },
];

test("the example goes through the fields unchanged", () => {
  expect(requestFrom(example, typedFrom(example))).toEqual({ inputs: example });
});

test("what is typed is sent as typed: the endpoint says what is wrong, not the form", () => {
  const typed = { size: "1,5", flag: "maybe", city: "12", x: "4, 5,six" };
  expect(requestFrom(example, typed).inputs).toMatchObject([
    { data: ["1,5"] },
    { data: ["maybe"] },
    { data: ["12"] },
    { data: [4, 5, "six"] },
  ]);
  expect(requestFrom(example, { ...typedFrom(example), size: " -2e3 ", flag: "False" }).inputs).toMatchObject([
    { data: [-2000] },
    { data: [false] },
    { data: ["Oslo"] },
    { data: [1, 2, 3] },
  ]);
  expect(requestFrom(example, { ...typedFrom(example), size: "" }).inputs[0]).toMatchObject({ data: [""] });
});

test("an answer is read by the roles of the outputs, a refusal by its sentence", () => {
  const outputs = [
    { name: "l", data: ["yes"] },
    { name: "p", data: [0.25, 0.75] },
  ];
  const body = { model_version: "3", parameters: { prediction_ids: ["a"] }, outputs };
  const roles = { label: "l", probabilities: "p" };
  expect(readAnswer({ status: 200, ms: 1, body }, roles, ["no", "yes"])).toEqual({
    label: "yes",
    value: null,
    probabilities: [
      { label: "no", value: 0.25 },
      { label: "yes", value: 0.75 },
    ],
    predictionId: "a",
    version: "3",
    error: null,
  });
  expect(readAnswer({ status: 200, ms: 1, body }, { probabilities: "p" }, ["no", "yes"]).label).toBe("yes");
  const number = { outputs: [{ name: "v", data: [2.5] }] };
  expect(readAnswer({ status: 200, ms: 1, body: number }, { value: "v" }, null)).toMatchObject({
    label: null,
    value: 2.5,
  });
  expect(readAnswer({ status: 400, ms: 1, body: { error: "inputs: …" } }, roles, null).error).toBe("inputs: …");
  expect(readAnswer({ status: 502, ms: 1, body: "<html>" }, roles, null).error).toBe("The endpoint answered 502.");
});

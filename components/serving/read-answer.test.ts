import { expect, test } from "vitest";
import { readAnswer } from "./read-answer.ts";

const roles = { label: "l", probabilities: "p" };
const outputs = [
  { name: "l", data: ["yes", "no"] },
  { name: "p", data: [0.25, 0.75, 0.9, 0.1] },
];
const probabilities = [
  { label: "no", value: 0.25 },
  { label: "yes", value: 0.75 },
];

test("tensors are read by the roles of the outputs, the first row of them", () => {
  const body = { model_version: "3", parameters: { arm: "ab" }, outputs };
  expect(readAnswer({ status: 200, body }, roles, ["no", "yes"])).toEqual({
    said: "yes",
    probabilities,
    version: "3",
    arm: "ab",
    error: null,
  });
  const unlabelled = readAnswer({ status: 200, body }, { probabilities: "p" }, ["no", "yes"]);
  expect(unlabelled.said).toBe("yes");
  const value = { outputs: [{ name: "v", data: [1.5] }] };
  expect(readAnswer({ status: 200, body: value }, { value: "v" }, null).said).toBe(1.5);
  expect(readAnswer({ status: 200, body: value }, {}, null).said).toBeNull();
});

test("plain and MLflow answers are read by their rows", () => {
  const plain = {
    version: "3",
    arm: "champion",
    predictions: [{ id: "a", label: "yes", probabilities: { no: 0.25, yes: 0.75 } }],
  };
  expect(readAnswer({ status: 200, body: plain }, roles, null)).toEqual({
    said: "yes",
    probabilities,
    version: "3",
    arm: "champion",
    error: null,
  });
  const mlflow = { model_version: "4", predictions: [7] };
  expect(readAnswer({ status: 200, body: mlflow }, roles, null)).toMatchObject({ said: 7, version: "4", arm: null });
  const outcome = { predictions: [{ id: "a", value: 2.5 }] };
  expect(readAnswer({ status: 200, body: outcome }, {}, null).said).toBe(2.5);
});

test("a refusal is its sentence, in the words of either protocol", () => {
  expect(readAnswer({ status: 400, body: { error: "inputs: missing" } }, roles, null).error).toBe("inputs: missing");
  expect(readAnswer({ status: 404, body: { error_code: "X", message: "no" } }, roles, null).error).toBe("no");
  expect(readAnswer({ status: 502, body: "<html>" }, roles, null).error).toBe("The endpoint answered 502.");
});

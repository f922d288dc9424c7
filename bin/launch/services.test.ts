import { expect, test } from "vitest";
import { SERVING_ARGS, workerArgs } from "./services.ts";

test("a serving process has the same young generation, whoever starts it", () => {
  expect(workerArgs("serving")).toEqual([...SERVING_ARGS, "worker/main.ts", "--roles", "serving"]);
  expect(workerArgs("monitoring,serving")).toEqual(expect.arrayContaining([...SERVING_ARGS]));
  expect(workerArgs("pipelines,monitoring")).toEqual(["worker/main.ts", "--roles", "pipelines,monitoring"]);
});

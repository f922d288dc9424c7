import { expect, test } from "vitest";
import { mlflowAddress, mlflowRun } from "./parts/mlflow-address.ts";

const RUN = "0123456789abcdef0123456789abcdef";

test("addresses that an MLflow client prints lead to the run, the experiment, the model and the version", () => {
  const of = (hash: string) => mlflowAddress("penguins", hash);
  expect(of(`#/experiments/3/runs/${RUN}`)).toBe(`/p/penguins/experiments/runs/${RUN}`);
  expect(of(`#/experiments/3/runs/${RUN}/artifacts`)).toBe(`/p/penguins/experiments/runs/${RUN}`);
  expect(of("#/experiments/3")).toBe("/p/penguins/experiments?experiment=3");
  expect(of("#/experiments/3/runs")).toBe("/p/penguins/experiments?experiment=3");
  expect(of("#/models/bill%20depth/versions/2")).toBe("/p/penguins/models/bill%20depth/2");
  expect(of("#/models/bills")).toBe("/p/penguins/models/bills");
  for (const hash of ["", "#alerts", "#/experiments/all", "#/models/", "#//elsewhere.example/"])
    expect(of(hash)).toBeNull();
});

test("the run of an address is known without its project", () => {
  expect(mlflowRun(`#/experiments/3/runs/${RUN}`)).toBe(RUN);
  expect(mlflowRun(`#/experiments/3/runs/${RUN}0`)).toBeNull();
});

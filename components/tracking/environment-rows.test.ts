import { expect, test } from "vitest";
import type { RunEnvironmentDto } from "#server/pipelines/contract.ts";
import { environmentRows } from "./environment-rows.ts";

const environment = (
  runId: string,
  packages: Record<string, string> | null,
  python: string | null,
): RunEnvironmentDto => ({
  runId,
  stated: false,
  python,
  node: null,
  packages,
  lockSha256: null,
  sources: [],
  hardware: null,
  seed: null,
  command: null,
});

test("packages whose versions differ are told from those that do not; what nobody knows is left out", () => {
  const known = [
    environment("a", { numpy: "2.1", onnx: "1.19" }, "3.12.1"),
    environment("b", { numpy: "2.2", onnx: "1.19" }, "3.12.1"),
    environment("c", null, null),
  ];
  const byId = new Map(known.map((one) => [one.runId, one]));
  const rows = environmentRows([{ id: "a" }, { id: "b" }], byId);
  expect(rows.map((row) => [row.name, row.differs])).toEqual([
    ["Python", false],
    ["package numpy", true],
    ["package onnx", false],
  ]);
  expect(environmentRows([{ id: "a" }, { id: "c" }], byId).find((row) => row.name === "package onnx")?.cells).toEqual([
    "1.19",
    "–",
  ]);
  expect(environmentRows([{ id: "c" }], byId)).toEqual([]);
});

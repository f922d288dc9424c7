import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { ModelSignature } from "#server/registry/contract.ts";
import type { PlanEntry } from "#server/serving/contract.ts";

const folder = path.join(import.meta.dirname, "../../../server/registry/fixtures");

type Fixture = "columns" | "regression" | "lookup" | "mlp";
interface Facts {
  signature: unknown;
  answers: { rows: Record<string, (number | string | boolean)[]>; outputs: Record<string, (number | string)[]> };
}
/** What the onnx package says of the fixture models, and answers for a few rows. */
export const facts = JSON.parse(readFileSync(path.join(folder, "facts.json"), "utf8")) as Record<Fixture, Facts>;

/** A plan entry for one of the fixture models. */
export function fixtureEntry(name: Fixture, change: Partial<PlanEntry> = {}): PlanEntry {
  const file = path.join(folder, `${name}.onnx`);
  return {
    endpointId: `endpoint-${name}`,
    projectId: "project-1",
    modelId: "model-1",
    modelVersionId: `version-${name}`,
    version: 3,
    runtime: "onnx",
    sha256: sha256Of(file),
    path: file,
    signature: ModelSignature.parse(facts[name].signature),
    ...change,
  };
}

/** SHA-256 of a file in hex. */
export function sha256Of(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** The OIP tensors of the first rows of the fixture `columns`. */
export function columnsInputs(rows = 1): Record<string, unknown>[] {
  const datatypes = { size: "FP32", count: "INT64", flag: "BOOL", city: "BYTES" };
  return Object.entries(datatypes).map(([name, datatype]) => {
    const values = facts.columns.answers.rows[name] ?? [];
    return {
      name,
      datatype,
      shape: [rows, 1],
      data: Array.from({ length: rows }, (_, i) => values[i % values.length]),
    };
  });
}

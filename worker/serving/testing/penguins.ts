import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { ModelSignature } from "#server/registry/contract.ts";
import type { PlanEntry } from "#server/serving/contract.ts";
import { sha256Of } from "./fixture.ts";

const run = promisify(execFile);
export const PENGUINS = path.join(import.meta.dirname, "../../../examples/penguins");

/** What a training script told the tracking server. */
export interface Tracked {
  readonly path: string;
  readonly body: Buffer;
}

/** Runs ingest and train of the Penguins sample as the platform does, in its own process, with a tracking server that only listens. */
export async function trainPenguins(
  folder: string,
  basis: "linear" | "quadratic",
): Promise<{ entry: PlanEntry; tracked: Tracked[]; weights: string }> {
  const tracked: Tracked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      tracked.push({ path: `${request.method} ${request.url}`, body: Buffer.concat(chunks) });
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({
          run: { info: { run_id: "f".repeat(32), artifact_uri: "mlflow-artifacts:/0/run/artifacts" } },
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const env = {
    NODE_ENV: "test" as const,
    MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}`,
    MLFLOW_TRACKING_TOKEN: "token",
  };
  const step = (script: string, ...args: string[]) =>
    run(process.execPath, [path.join(PENGUINS, "src", script), ...args], { cwd: folder, env });
  const split = path.join(folder, "split");
  const out = path.join(folder, basis);
  try {
    await step("ingest.ts", "--data", path.join(PENGUINS, "data/penguins-2007-2008.csv"), "--out", split);
    await step("train.ts", "--split", split, "--basis", basis, "--out", out);
  } finally {
    server.close();
    server.closeAllConnections();
  }
  const file = path.join(out, "model.onnx");
  return { entry: penguinsEntry(file, basis), tracked, weights: path.join(out, "weights.json") };
}

function penguinsEntry(file: string, basis: string): PlanEntry {
  const tensor = (name: string, datatype: string, shape: number[]) => ({
    name,
    datatype,
    shape,
    symbols: ["rows", null].slice(0, shape.length),
  });
  const measures = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"];
  const classes = ["Adelie", "Chinstrap", "Gentoo"];
  return {
    endpointId: "endpoint-penguins",
    projectId: "project-penguins",
    modelId: "model-1",
    modelVersionId: `penguins-${basis}`,
    version: basis === "linear" ? 1 : 2,
    runtime: "onnx",
    path: file,
    sha256: sha256Of(file),
    signature: ModelSignature.parse({
      inputs: [...measures.map((name) => tensor(name, "FP32", [-1, 1])), tensor("island", "BYTES", [-1, 1])],
      outputs: [tensor("label", "BYTES", [-1]), tensor("probabilities", "FP32", [-1, 3])],
      opset: [
        { domain: "", version: 17 },
        { domain: "ai.onnx.ml", version: 3 },
      ],
      irVersion: 8,
      producer: { name: "touchstone-penguins", version: "1.0" },
      metadata: {
        "touchstone.task": "classification",
        "touchstone.classes": JSON.stringify(classes),
        "touchstone.label_column": "species",
      },
      task: "classification",
      classes,
      positive: null,
      labelColumn: "species",
      roles: { label: "label", probabilities: "probabilities" },
    }),
  };
}

import { writeFile } from "node:fs/promises";
import path from "node:path";
import { AppError, isAppError, messageOf } from "#server/kernel/errors.ts";
import { log } from "#server/platform/log.ts";
import type { ModelSource } from "#server/platform/runtimes.ts";
import { NEEDS_KEYS, PYFUNC_NEEDS } from "#server/registry/contract.ts";
import type { ModelSession } from "../onnx/session.ts";
import { timeRows } from "../onnx/time-rows.ts";
import { placeHost } from "../process/place-host.ts";
import { placement } from "../process/placement.ts";
import { processEnvironment } from "../process/process-environment.ts";
import { makeProcessFolder, type ProcessFolder, removeProcessFolder } from "../process/process-folder.ts";
import { SupervisedProcess } from "../process/supervised-process.ts";
import { prove, proveGolden } from "../prove.ts";
import { environmentFor } from "./environments.ts";
import { placeModel, wantedPython } from "./place-model.ts";
import { readOutputs, writeFeeds } from "./tensor-frames.ts";

/** Importing MLflow alone takes seconds, on a busy machine many; a large model as long again. */
const START_MS = 300_000;
const REQUEST_MS = 30_000;
/** Batches that may wait at the process: the batcher hands over two, scoring of tables and checks a few more. */
const IN_FLIGHT = 16;
const MB = 1024 * 1024;

/**
 * Loads a model that Python loads, in an environment and a process of its own, proves it there (`service`: as for requests; `jobs`: by its golden rows), and
 * keeps that process running until the session is released.
 * Throws AppError `invalid_input` when it cannot be loaded, `unavailable` when this worker has no room for it.
 */
export async function openPyfunc(source: ModelSource, use: "service" | "jobs"): Promise<ModelSession> {
  const { signature } = source;
  const name = source.name ?? "the model";
  const needs = declaredNeeds(signature.metadata);
  const giveBack = placement().take(name, { memoryBytes: needs.memoryMb * MB, cpu: needs.cpu });
  let folder: ProcessFolder | undefined;
  const clear = async () => {
    giveBack();
    if (folder) await removeProcessFolder(folder);
  };
  try {
    folder = await makeProcessFolder();
    const model = path.join(folder.inputs, "model");
    await placeModel(source, name, model);
    const { interpreter, folders } = await environmentOf(name, model);
    const outputs = path.join(folder.inputs, "outputs.json");
    await writeFile(outputs, JSON.stringify(signature.outputs));
    const host = await placeHost("pyfunc", folder);
    const running = new SupervisedProcess(
      {
        name,
        argv: [interpreter, host, model, outputs],
        env: processEnvironment(folder, { cpu: needs.cpu, python: interpreter }),
        folder,
        readOnly: folders,
        memoryBytes: needs.memoryMb * MB,
      },
      { startMs: START_MS, requestMs: REQUEST_MS, inFlight: IN_FLIGHT },
      log.child({ runtime: "pyfunc" }),
    );
    await running.start();
    const session = sessionOf(running, clear);
    try {
      if (use === "service") await prove(session, source);
      else await proveGolden(session, source);
    } catch (error) {
      await session.release();
      throw error;
    }
    return session;
  } catch (error) {
    await clear();
    throw error;
  }
}

function sessionOf(running: SupervisedProcess, clear: () => Promise<void>): ModelSession {
  const run: ModelSession["run"] = async (feeds, wanted) => {
    const { described, body } = writeFeeds(feeds);
    const rows = feeds[0]?.dims[0] ?? 0;
    return readOutputs(await running.ask({ act: "run", rows, wanted, tensors: described }, body));
  };
  let released: Promise<void> | undefined;
  return {
    place: "thread",
    run,
    time: (feeds, wanted, rows) => timeRows({ run }, feeds, wanted, rows),
    release: () => (released ??= running.stop().finally(clear)),
    // A process that ends is started again by its supervisor.
    lost: Promise.withResolvers<Error>().promise,
  };
}

async function environmentOf(name: string, model: string) {
  const wanted = await wantedPython(name, model);
  try {
    return await environmentFor({ name, ...wanted });
  } catch (error) {
    if (isAppError(error)) throw error;
    throw new AppError("invalid_input", `The Python environment of ${name} cannot be had: ${messageOf(error)}`, {
      field: "model",
      cause: error,
    });
  }
}

/** What a registered model declares; checked when it was registered. */
function declaredNeeds(metadata: Readonly<Record<string, string>>): { memoryMb: number; cpu: number } {
  return {
    memoryMb: Number(metadata[NEEDS_KEYS.memoryMb] ?? PYFUNC_NEEDS.memoryMb),
    cpu: Number(metadata[NEEDS_KEYS.cpu] ?? PYFUNC_NEEDS.cpu),
  };
}

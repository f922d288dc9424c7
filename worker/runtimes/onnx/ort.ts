import { InferenceSession, Tensor } from "onnxruntime-node";
import type * as Binding from "onnxruntime-node/dist/binding.js";
import { type Feed, ortType, type Outputs, type TensorData } from "./tensors.ts";

/** One thread per run: more threads make small models slower (measured: 3 times for 100 trees), and requests are the parallel work. */
const OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ["cpu"],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "all",
  logSeverityLevel: 4,
};
/** What goes wrong is thrown; the runtime's own lines on standard error would only repeat it outside of the log. */
const QUIET: InferenceSession.RunOptions = { logSeverityLevel: 4 };

/** A model in this thread. Loading and running block it for as long as they take. */
export interface OrtSession {
  /** Whether `run` answers at once. Otherwise it answers in the next turn of the event loop. */
  readonly sync: boolean;
  readonly run: (feeds: readonly Feed[], wanted: readonly string[]) => Outputs | Promise<Outputs>;
  readonly release: () => Promise<void>;
}

/**
 * Loads an ONNX file's content into this thread. Throws what the runtime says of a file it cannot load.
 *
 * The public API wraps the same synchronous call in a promise and a further turn of the event loop, for every run. We take the call itself
 * where this release of the package has it, and the public API otherwise; a test holds both to the same answers.
 */
export async function openSession(model: Uint8Array, api: "fastest" | "public" = "fastest"): Promise<OrtSession> {
  const native = api === "fastest" ? await nativeBinding() : null;
  return native ? openNative(native, model) : openPublic(model);
}

type Native = typeof Binding;
let found: Promise<Native | null> | undefined;

/** Loads the native library, which takes tens of milliseconds, before anything waits for this thread. */
export async function prepareRuntime(): Promise<void> {
  await nativeBinding();
}

function nativeBinding(): Promise<Native | null> {
  found ??= import("onnxruntime-node/dist/binding.js").then(
    (module) => {
      const usable = typeof module.initOrt === "function" && typeof module.binding.InferenceSession === "function";
      if (usable) module.initOrt();
      return usable ? module : null;
    },
    () => null,
  );
  return found;
}

function openNative(native: Native, model: Uint8Array): OrtSession {
  const session = new native.binding.InferenceSession();
  // The binding's types ask for an ArrayBuffer; a shared one is read the same way.
  session.loadModel(model.buffer as ArrayBuffer, model.byteOffset, model.byteLength, OPTIONS);
  return {
    sync: true,
    run: (feeds, wanted) => {
      const fetches = Object.fromEntries(wanted.map((name) => [name, null]));
      return toOutputs(session.run(toTensors(feeds), fetches, QUIET));
    },
    release: () => {
      session.dispose();
      return Promise.resolve();
    },
  };
}

async function openPublic(model: Uint8Array): Promise<OrtSession> {
  const session = await InferenceSession.create(model, OPTIONS);
  return {
    sync: false,
    run: async (feeds, wanted) => toOutputs(await session.run(toTensors(feeds), wanted, QUIET)),
    release: () => session.release(),
  };
}

function toTensors(feeds: readonly Feed[]): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  for (const { name, datatype, data, dims } of feeds) {
    const tensor = new Tensor(ortType(datatype), data as Tensor.DataType, dims);
    // The native part of this release sees no values in a Float16Array, but takes the same bytes as whole numbers.
    if (data instanceof Float16Array)
      Object.defineProperty(tensor, "data", { value: new Uint16Array(data.buffer, data.byteOffset, data.length) });
    tensors[name] = tensor;
  }
  return tensors;
}

function toOutputs(results: InferenceSession.OnnxValueMapType): Outputs {
  const outputs: Record<string, Outputs[string]> = {};
  for (const name in results) {
    const tensor = results[name];
    if (tensor instanceof Tensor) outputs[name] = { dims: tensor.dims, data: toData(tensor.data) };
  }
  return outputs;
}

function toData(data: Tensor.DataType): TensorData {
  if (Array.isArray(data)) return data;
  if (data instanceof Uint8ClampedArray) throw new RangeError("unexpected array of the runtime");
  return data;
}

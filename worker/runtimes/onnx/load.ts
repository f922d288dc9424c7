import { stat } from "node:fs/promises";
import { AppError, messageOf } from "#server/kernel/errors.ts";
import type { ModelSource } from "#server/platform/runtimes.ts";
import { openInline } from "./inline.ts";
import type { ModelSession } from "./session.ts";
import { openThreaded } from "./threaded.ts";

/**
 * Up to this size a model is loaded and run in the caller's thread: about 4 ms to load (15 µs per KB were measured for trees), and no hop
 * between threads for each run. Above it loading would stall the event loop for longer than a request should wait.
 */
const INLINE_BYTES = 256 * 1024;

/**
 * Loads a model: a small one here when `place` is "auto", any other in a fresh thread.
 * Throws AppError `invalid_input` when the runtime cannot load the file or its SHA-256 is not the expected one.
 */
export async function loadSession(
  source: Pick<ModelSource, "path" | "sha256">,
  place: "auto" | "thread",
): Promise<ModelSession> {
  const { session, sha256 } = await open(source.path, place).catch((cause: unknown) => {
    const remedy = "Export the model for an operator set that ONNX Runtime 1.30 knows, and register it again.";
    throw new AppError("invalid_input", `The model cannot be loaded: ${messageOf(cause)}`, {
      field: "model",
      remedy,
      cause,
    });
  });
  if (sha256 === source.sha256) return session;
  await session.release();
  const remedy = "Restore the object store from a backup, or register the model again.";
  throw new AppError("invalid_input", "The model's file is not the one that was registered.", {
    field: "model",
    value: sha256,
    remedy,
  });
}

async function open(path: string, place: "auto" | "thread"): Promise<{ session: ModelSession; sha256: string }> {
  const small = place === "auto" && (await stat(path)).size <= INLINE_BYTES;
  return small ? openInline(path) : openThreaded(path);
}

import { AppError, isAppError, messageOf } from "#server/kernel/errors.ts";
import type { ModelSource } from "#server/platform/runtimes.ts";
import { openInline } from "./inline.ts";
import type { ModelSession } from "./session.ts";
import type { Order } from "./thread.ts";
import { openThreaded } from "./threaded.ts";

/**
 * What a model may cost to be run in the caller's thread, without a hop between threads for each run: milliseconds to load it there, for which the
 * event loop stands still once, and to run a batch of 64 rows, for which it does every time. Both are measured where the model is proved. Larger files
 * are not tried: trees, the slowest kind by size, load at about 15 µs per KB. A forest that needs no runtime (findForest) has nothing to load there.
 */
const INLINE = { bytes: 320 * 1024, loadMs: 5, runMs: 2 } as const;

/**
 * Loads a model in a fresh thread and proves it there. `service`: for requests, and into the caller's thread when it is light enough; `jobs`: in its
 * thread whatever its size, held to its golden rows.
 *
 * @throws AppError `invalid_input` when the runtime cannot load the file, its SHA-256 is not the expected one or it does not hold.
 */
export async function loadSession(source: ModelSource, use: "service" | "jobs"): Promise<ModelSession> {
  const { path, sha256, signature, golden } = source;
  const order: Order = {
    source: { path, sha256, signature, golden },
    proof: use === "service" ? "service" : "golden",
    move: use === "service" ? INLINE : null,
  };
  try {
    const opened = await openThreaded(order);
    return "session" in opened ? opened.session : await openInline(opened);
  } catch (cause) {
    if (isAppError(cause)) throw cause;
    throw new AppError("invalid_input", `The model cannot be loaded: ${messageOf(cause)}`, {
      field: "model",
      remedy: "Export the model for an operator set that ONNX Runtime 1.30 knows, and register it again.",
      cause,
    });
  }
}

import { AppError, isAppError, messageOf } from "#server/kernel/errors.ts";
import type { ModelSource } from "#server/platform/runtimes.ts";
import type { InlineBounds } from "./examine.ts";
import { openInline } from "./inline.ts";
import { examineApart } from "./prover.ts";
import { readModel } from "./read-model.ts";
import type { ModelSession } from "./session.ts";
import { openThreaded } from "./threaded.ts";

/**
 * What a model may cost to be run in the caller's thread, without a hop between threads for each run: milliseconds to load it there, for which the
 * event loop stands still once, and to run a batch of 64 rows, for which it does every time. Both are measured where the model is proved. Larger files
 * are not tried: trees, the slowest kind by size, load at about 15 µs per KB. A forest that needs no runtime (findForest) has nothing to load there.
 */
const INLINE: InlineBounds = { bytes: 320 * 1024, loadMs: 5, runMs: 2 };

/**
 * Loads a model. `service`: for requests; it is proved in a process apart first, then loaded into the caller's thread when it is light enough, else into one
 * of its own. `jobs`: in a thread of its own whatever its size, held to its golden rows there.
 *
 * @throws AppError `invalid_input` when the runtime cannot load the file, its SHA-256 is not the expected one or it does not hold.
 */
export async function loadSession(source: ModelSource, use: "service" | "jobs"): Promise<ModelSession> {
  try {
    return use === "service"
      ? await openProved(plain(source))
      : await openThreaded({ source: plain(source), isProved: true });
  } catch (cause) {
    if (isAppError(cause)) throw cause;
    throw new AppError("invalid_input", `The model cannot be loaded: ${messageOf(cause)}`, {
      field: "model",
      remedy: "Export the model for an operator set that ONNX Runtime 1.30 knows, and register it again.",
      cause,
    });
  }
}

async function openProved(source: ModelSource): Promise<ModelSession> {
  const examined = await examineApart(source, INLINE);
  if (examined === "thread") return await openThreaded({ source, isProved: false });
  // Hashed again: what was proved is what is loaded.
  if (examined === "inline") return await openInline({ file: await readModel(source.path, source.sha256) });
  return await openInline({ forest: examined });
}

/** What passes between processes: a source may come with more. */
function plain({ path, sha256, signature, golden }: ModelSource): ModelSource {
  return { path, sha256, signature, golden };
}

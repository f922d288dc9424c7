import { openForest } from "./forest/run-forest.ts";
import { openSession } from "./ort.ts";
import type { ModelSession } from "./session.ts";
import type { Moved } from "./thread.ts";
import { timeRows } from "./time-rows.ts";

/** Takes a model into this thread; for a file it stands still while ONNX Runtime loads it. Throws when the runtime cannot. */
export async function openInline(moved: Moved): Promise<ModelSession> {
  const opened =
    "forest" in moved
      ? { run: openForest(moved.forest), release: () => Promise.resolve() }
      : await openSession(moved.file);
  return {
    place: "inline",
    run: opened.run,
    time: (feeds, wanted, rows) => timeRows(opened, feeds, wanted, rows),
    release: opened.release,
    lost: Promise.withResolvers<Error>().promise,
  };
}

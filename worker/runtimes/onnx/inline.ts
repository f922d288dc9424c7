import { openSession } from "./ort.ts";
import type { ModelSession } from "./session.ts";
import { timeRows } from "./time-rows.ts";

/** Loads a model into this thread, which stands still meanwhile. Throws when the runtime cannot load it. */
export async function openInline(model: Uint8Array): Promise<ModelSession> {
  const ort = await openSession(model);
  return {
    place: "inline",
    run: ort.run,
    time: (feeds, wanted, rows) => timeRows(ort, feeds, wanted, rows),
    release: ort.release,
    lost: Promise.withResolvers<Error>().promise,
  };
}

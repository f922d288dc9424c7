import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { openSession } from "./ort.ts";
import type { ModelSession } from "./session.ts";
import { timeRows } from "./time-rows.ts";

/** Loads a small model into this thread and gives its SHA-256 with it. Throws when the file cannot be loaded. */
export async function openInline(path: string): Promise<{ session: ModelSession; sha256: string }> {
  const sha256 = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  const ort = await openSession(path);
  const session: ModelSession = {
    place: "inline",
    run: ort.run,
    time: (feeds, wanted, rows) => timeRows(ort, feeds, wanted, rows),
    release: ort.release,
    lost: Promise.withResolvers<Error>().promise,
  };
  return { session, sha256 };
}

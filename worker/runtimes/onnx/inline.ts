import { setImmediate as nextTurn } from "node:timers/promises";
import type { ForestPlan } from "./forest/plan.ts";
import { openForest } from "./forest/run-forest.ts";
import { openSession } from "./ort.ts";
import type { ModelSession } from "./session.ts";
import { timeRows } from "./time-rows.ts";

/** A model for this thread: the file that ONNX Runtime is to load here, or a forest that needs no runtime. */
type Light = { readonly file: Uint8Array } | { readonly forest: ForestPlan };

/** Rows after which the code that walks a forest is compiled, once for all forests of the process. */
const WARM_UP = 256;
let warm = false;

/** Takes a model into this thread; for a file it stands still while ONNX Runtime loads it. Throws when the runtime cannot. */
export async function openInline(light: Light): Promise<ModelSession> {
  const opened =
    "forest" in light
      ? { run: await warmForest(light.forest), release: () => Promise.resolve() }
      : await openSession(light.file);
  return {
    place: "inline",
    run: opened.run,
    time: (feeds, wanted, rows) => timeRows(opened, feeds, wanted, rows),
    release: opened.release,
    lost: Promise.withResolvers<Error>().promise,
  };
}

/** A process's first forest takes ten times as long until its code is compiled: it is warmed a row per turn of the event loop. */
async function warmForest(plan: ForestPlan): Promise<ReturnType<typeof openForest>> {
  const run = openForest(plan);
  if (warm) return run;
  warm = true;
  const { input, width } = plan;
  const row = { name: input, datatype: "FP32" as const, dims: [1, width], data: new Float32Array(width) };
  for (let i = 0; i < WARM_UP; i += 1) {
    await nextTurn();
    run([row], []);
  }
  return run;
}

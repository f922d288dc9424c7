import type { PlanEntry, PlanResult } from "#server/serving/contract.ts";
import { servingPlan } from "./plan.ts";
import { serve } from "./serve.ts";

// A server in a process of its own, so that what its event loop waits for is its own work and nothing of a test's. The parent sends the version that is to
// be live, or "stop".

/** What the parent is told: the server listens, a plan was carried out, or the server stopped. */
export type Told =
  | { readonly port: number }
  | { readonly results: readonly PlanResult[] }
  | {
      /** Most processor milliseconds of the loop's thread between two turns of a timer of 1 ms: what a request would have waited for. */
      readonly longest: number;
      /** Each pair of version and value that was answered, once. */
      readonly answered: readonly string[];
    };

const [endpoint = "", first = "null"] = process.argv.slice(2);
const serving = await serve({ [endpoint]: JSON.parse(first) as PlanEntry });
const tell = (told: Told) => process.send?.(told);

const used = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
let longest = 0;
let last = used();
const watch = setInterval(() => {
  const now = used();
  longest = Math.max(longest, now - last);
  last = now;
}, 1);

process.on("message", (message: PlanEntry | "stop") => {
  void (async () => {
    if (message !== "stop") {
      tell({ results: await serving.applyPlan(servingPlan({ [endpoint]: message })) });
      return;
    }
    clearInterval(watch);
    await serving.stop();
    tell({ longest, answered: [...new Set(serving.predictions.map((p) => `${p.modelVersionId} ${p.value}`))].sort() });
    process.disconnect();
  })();
});
tell({ port: serving.port });

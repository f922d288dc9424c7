import type { ModelSource } from "#server/platform/runtimes.ts";
import { examine, type InlineBounds } from "./examine.ts";
import { writePlan } from "./forest/plan-file.ts";
import { type Refused, refusedBy } from "./refused.ts";

/** What the owner of the process sends, one at a time. */
export interface ProofOrder {
  readonly source: ModelSource;
  readonly bounds: InlineBounds;
  /** Where the arrays of a forest are to be written. */
  readonly forestFile: string;
}

/** What it gets back for each. */
export type Proof = { readonly place: "inline" | "thread" | "forest" } | { readonly refused: Refused };

async function obey({ source, bounds, forestFile }: ProofOrder): Promise<Proof> {
  try {
    const examined = await examine(source, bounds);
    if (typeof examined === "string") return { place: examined };
    // Without room for its arrays, the runtime runs it as it would run any other model.
    return await writePlan(forestFile, examined).then(
      () => ({ place: "forest" }) as const,
      () => ({ place: "thread" }) as const,
    );
  } catch (error) {
    return { refused: refusedBy(error) };
  }
}

process.on("message", (order: ProofOrder) => void obey(order).then((proof) => process.send?.(proof)));
// It lives as long as its owner, who may have models to load while it drains.
process.on("disconnect", () => process.exit());
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);

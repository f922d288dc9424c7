import { setTimeout as sleep } from "node:timers/promises";
import type { Actor } from "#server/identity/index.ts";
import type { VersionDto } from "#server/registry/contract.ts";
import { listVersionsFrom } from "#server/registry/index.ts";

const EVERY_MS = 500;
/** The comparison of golden rows takes a few seconds; one that takes longer has no worker to do it, and the request then says so. */
const PATIENCE_MS = 60_000;

/**
 * The version of a model that a pipeline run registered, once its golden rows are compared with its file: before, no promotion may be requested.
 * Undefined when the run registered none.
 */
export async function registeredVersion(
  actor: Actor,
  projectId: string,
  { pipelineRunId, model }: { readonly pipelineRunId: string; readonly model: string },
): Promise<VersionDto | undefined> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const versions = await listVersionsFrom(actor, projectId, { pipelineRunId });
    const version = versions.find((registered) => registered.model === model);
    const isPending = version?.golden && version.golden.check === null;
    if (!isPending || Date.now() > until) return version;
    await sleep(EVERY_MS);
  }
}

import { systemActor } from "#server/identity/index.ts";
import { ensureEndpoint } from "./create-endpoint.ts";

/** A model has a new champion: its endpoint, made if it has none, serves it from now on. */
export async function followChampion(change: { projectId: string; modelId: string }): Promise<void> {
  await ensureEndpoint(systemActor("Touchstone"), change.projectId, { modelId: change.modelId });
}

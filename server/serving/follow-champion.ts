import { systemActor } from "#server/identity/index.ts";
import { ensureEndpoint } from "./create-endpoint.ts";
import { endOvertakenArms } from "./end-overtaken-arms.ts";

/** A model has a new champion: its endpoint, made if it has none, serves it from now on, and arms that it overtook end. */
export async function followChampion(change: { projectId: string; modelId: string; versionId: string }): Promise<void> {
  const { projectId, modelId, versionId } = change;
  await ensureEndpoint(systemActor("Touchstone"), projectId, { modelId });
  await endOvertakenArms(systemActor("Touchstone"), projectId, { modelId, versionId });
}

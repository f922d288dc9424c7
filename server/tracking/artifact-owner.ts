import type { Db } from "#server/platform/db.ts";
import { artifactRoot } from "./artifact-path.ts";
import type { ArtifactOwner } from "./contract.ts";
import { modelNotFound } from "./logged-model.ts";
import { checkActiveRun, runNotFound } from "./run.ts";

/** The root under which an owner's artifacts stand. Errors: not_found; with `writable`, invalid_input for a deleted run. */
export async function rootOfOwner(db: Db, projectId: string, owner: ArtifactOwner, writable = false): Promise<string> {
  const experiment = { select: { number: true } };
  if (owner.kind === "run") {
    const run = await db.run.findFirst({
      where: { projectId, id: owner.id },
      select: { id: true, lifecycleStage: true, experiment },
    });
    if (!run) throw runNotFound(owner.id);
    if (writable) checkActiveRun(run);
    return artifactRoot(run.experiment.number, owner);
  }
  const model = await db.loggedModel.findFirst({
    where: { projectId, id: owner.id, ...(writable ? { deletedAt: null } : {}) },
    select: { experiment },
  });
  if (!model) throw modelNotFound(owner.id);
  return artifactRoot(model.experiment.number, owner);
}

/** `path` as a prefix of what is in it, for LIKE: "a_b" → "a\_b/%"; "%" for the whole. */
export function inside(path: string): string {
  return path === "" ? "%" : `${path.replace(/[\\%_]/g, "\\$&")}/%`;
}

import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { inside, rootOfOwner } from "./artifact-owner.ts";
import { artifactPath } from "./artifact-path.ts";
import { ArtifactOwner } from "./contract.ts";

/** Removes a file, or a folder with all that is in it, from a run or logged model. Nothing there is no error. */
export const deleteArtifacts = defineUseCase({
  name: "tracking.delete-artifacts",
  scope: "tracking:write",
  effect: "write",
  input: z.object({ owner: ArtifactOwner, path: z.string().default("") }),
  async run({ input: { owner, path: given }, actor, project, db, audit, publish }) {
    const root = await rootOfOwner(db, project.id, owner, true);
    const path = artifactPath(given);
    const removed = await db.$executeRaw`
      delete from artifacts
      where project_id = ${project.id}::uuid and root = ${root} and (path = ${path} or path like ${inside(path)})`;
    await audit({
      action: "artifact.deleted",
      subject: { type: owner.kind === "run" ? "run" : "logged-model", id: owner.id },
      summary: `${actor.name} deleted ${path === "" ? "all files" : path} (${removed} files)`,
    });
    await publish("runs", owner.id);
    return { removed };
  },
});

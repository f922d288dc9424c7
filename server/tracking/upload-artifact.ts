import { z } from "zod";
import { type Actor, defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { type ByteSource, putStream, type StoredObject } from "#server/platform/objects.ts";
import { isDue } from "./announcements.ts";
import { rootOfOwner } from "./artifact-owner.ts";
import { artifactPath } from "./artifact-path.ts";
import { ArtifactOwner } from "./contract.ts";
import { evaluateUpload } from "./jobs.ts";

/** Predictions that a run logs here are evaluated without being asked. */
const PREDICTIONS = /^touchstone\/predictions\.(csv|parquet)$/;

const Place = z.object({ owner: ArtifactOwner, path: z.string() });

function fileName(path: string): string {
  const name = artifactPath(path);
  if (name === "") throw new AppError("invalid_input", "Invalid path", { field: "path", value: path });
  return name;
}

/** Whether the actor may send this file, asked before the first byte is taken. */
export const checkUpload = defineUseCase({
  name: "tracking.check-upload",
  scope: "tracking:write",
  effect: "read",
  input: Place,
  async run({ input, project, db }) {
    await rootOfOwner(db, project.id, input.owner, true);
    return { path: fileName(input.path) };
  },
});

/** Gives stored content its place among an owner's files; what stood there before is replaced. */
const recordArtifact = defineUseCase({
  name: "tracking.record-artifact",
  scope: "tracking:write",
  effect: "write",
  unaudited: "the files of a run are its content; its start, end and deletion, and the deletion of files, are audited",
  input: Place.extend({ sha256: z.string(), sizeBytes: z.number() }),
  async run({ input, project, db, publish, enqueue }) {
    const { owner, sha256, sizeBytes } = input;
    const root = await rootOfOwner(db, project.id, owner, true);
    const where = { projectId: project.id, root, path: fileName(input.path) };
    const content = { sha256, sizeBytes: BigInt(sizeBytes) };
    await db.artifact.upsert({
      where: { projectId_root_path: where },
      create: { ...where, ...content },
      update: { ...content, createdAt: new Date() },
    });
    if (isDue(owner.id)) await publish("runs", owner.id);
    if (owner.kind === "run" && PREDICTIONS.test(where.path))
      await enqueue(evaluateUpload, { projectId: project.id, runId: owner.id, artifact: where.path, sha256 });
    return { path: where.path, sha256, sizeBytes };
  },
});

/**
 * Takes a file for a run or logged model, streaming: whatever its size, only a few chunks are in memory. The row is written when the content is safe
 * on disk. Errors: not_found for the owner; forbidden; invalid_input for the path, a deleted run or fewer bytes than announced; unavailable when the disk is full.
 */
export async function uploadArtifact(
  actor: Actor,
  project: string,
  place: z.infer<typeof Place>,
  content: ByteSource,
  expectedBytes?: number,
): Promise<StoredObject & { readonly path: string }> {
  await checkUpload(actor, project, place);
  const stored = await putStream(content, expectedBytes === undefined ? {} : { expectedBytes });
  return await recordArtifact(actor, project, { ...place, ...stored });
}

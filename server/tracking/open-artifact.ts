import type { Readable } from "node:stream";
import { z } from "zod";
import { type Actor, defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { type ByteRange, openRead } from "#server/platform/objects.ts";
import { rootOfOwner } from "./artifact-owner.ts";
import { artifactPath, mediaType } from "./artifact-path.ts";
import { ArtifactOwner } from "./contract.ts";

const Place = z.object({ owner: ArtifactOwner, path: z.string() });

/** What stands at a path among an owner's files. Errors: not_found for the owner and for the file. */
export async function storedArtifact(db: Db, projectId: string, place: z.infer<typeof Place>) {
  const root = await rootOfOwner(db, projectId, place.owner);
  const path = artifactPath(place.path);
  const found = await db.artifact.findUnique({ where: { projectId_root_path: { projectId, root, path } } });
  if (!found)
    throw new AppError("not_found", `No such artifact: '${place.path}'`, {
      field: "path",
      value: place.path,
      remedy: "List the artifacts to see what there is.",
    });
  return { path, sha256: found.sha256, sizeBytes: Number(found.sizeBytes) };
}

/** One file of a run or logged model: what it is, without its bytes. Errors: not_found. */
export const getArtifact = defineUseCase({
  name: "tracking.get-artifact",
  scope: "tracking:read",
  effect: "read",
  input: Place,
  async run({ input, project, db }) {
    const stored = await storedArtifact(db, project.id, input);
    return { ...stored, mediaType: mediaType(stored.path) };
  },
});

export type OpenedArtifact = Awaited<ReturnType<typeof getArtifact>> & {
  readonly open: (range?: ByteRange) => Promise<Readable>;
};

/** One file of a run or logged model, ready to be streamed. Errors: not_found. */
export async function openArtifact(
  actor: Actor,
  project: string,
  input: { readonly owner: ArtifactOwner; readonly path: string },
): Promise<OpenedArtifact> {
  const artifact = await getArtifact(actor, project, input);
  return { ...artifact, open: (range) => openRead(artifact.sha256, range) };
}

import type { Readable } from "node:stream";
import { z } from "zod";
import { type Actor, defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { type ByteRange, openRead } from "#server/platform/objects.ts";
import { rootOfOwner } from "./artifact-owner.ts";
import { artifactPath, mediaType } from "./artifact-path.ts";
import { ArtifactOwner } from "./contract.ts";

/** One file of a run or logged model: what it is, without its bytes. Errors: not_found. */
export const getArtifact = defineUseCase({
  name: "tracking.get-artifact",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ owner: ArtifactOwner, path: z.string() }),
  async run({ input, project, db }) {
    const root = await rootOfOwner(db, project.id, input.owner);
    const path = artifactPath(input.path);
    const found = await db.artifact.findUnique({
      where: { projectId_root_path: { projectId: project.id, root, path } },
    });
    if (!found)
      throw new AppError("not_found", `No such artifact: '${input.path}'`, {
        field: "path",
        value: input.path,
        remedy: "List the artifacts to see what there is.",
      });
    const { sha256, sizeBytes } = found;
    return { path, sha256, sizeBytes: Number(sizeBytes), mediaType: mediaType(path) };
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

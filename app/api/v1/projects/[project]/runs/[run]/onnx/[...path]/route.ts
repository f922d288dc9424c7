import { artifactPlace } from "#server/http/artifacts.ts";
import { handle } from "#server/http/route.ts";
import { localPath } from "#server/platform/objects.ts";
import { readOnnxSignature } from "#server/registry/index.ts";
import { openArtifact } from "#server/tracking/index.ts";

export const GET = handle(async ({ actor, params, request }) => {
  const { sha256 } = await openArtifact(actor, params["project"] ?? "", artifactPlace(params, request));
  const signature = await readOnnxSignature(await localPath(sha256));
  return Response.json(signature, { headers: { "cache-control": "private, max-age=60" } });
});

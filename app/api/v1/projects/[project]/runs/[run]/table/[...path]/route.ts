import { artifactPlace } from "#server/http/artifacts.ts";
import { handle } from "#server/http/route.ts";
import { previewArtifact } from "#server/tracking/index.ts";

export const GET = handle(async ({ actor, params, request }) => {
  const table = await previewArtifact(actor, params["project"] ?? "", artifactPlace(params, request));
  return Response.json(table, { headers: { "cache-control": "private, max-age=60" } });
});

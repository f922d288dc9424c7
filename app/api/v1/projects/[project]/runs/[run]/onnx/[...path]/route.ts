import { artifactPlace } from "#server/http/artifacts.ts";
import { handle } from "#server/http/route.ts";
import { signatureOfContent } from "#server/registry/index.ts";
import { openArtifact } from "#server/tracking/index.ts";

export const GET = handle(async ({ actor, params, request }) => {
  const { sha256 } = await openArtifact(actor, params["project"] ?? "", artifactPlace(params, request));
  return Response.json(await signatureOfContent(sha256), { headers: { "cache-control": "private, max-age=60" } });
});

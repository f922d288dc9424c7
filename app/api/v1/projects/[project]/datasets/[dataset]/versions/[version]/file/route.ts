import { locateVersion } from "#server/data/index.ts";
import { downloadObject } from "#server/http/download.ts";
import { handle } from "#server/http/route.ts";

export const GET = handle(async ({ actor, params, request }) => {
  const { project = "", dataset = "", version = "" } = params;
  return await downloadObject(request, await locateVersion(actor, project, { dataset, version }));
});

import { downloadObject } from "#server/http/download.ts";
import { handle } from "#server/http/route.ts";
import { locateExport } from "#server/serving/index.ts";

export const GET = handle(async ({ actor, params, request }) => {
  const { project = "", number = "" } = params;
  return await downloadObject(request, await locateExport(actor, project, { number }));
});

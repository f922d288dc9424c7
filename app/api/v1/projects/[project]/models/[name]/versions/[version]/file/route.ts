import { downloadObject } from "#server/http/download.ts";
import { handle } from "#server/http/route.ts";
import { locateVersionFile } from "#server/registry/index.ts";

export const GET = handle(async ({ actor, params, request }) => {
  const { project = "", name = "", version = "" } = params;
  return await downloadObject(
    request,
    await locateVersionFile(actor, project, { name: decodeURIComponent(name), version }),
  );
});

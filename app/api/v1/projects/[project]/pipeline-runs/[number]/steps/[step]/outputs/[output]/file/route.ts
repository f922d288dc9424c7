import { downloadObject } from "#server/http/download.ts";
import { handle } from "#server/http/route.ts";
import { locateOutputFile } from "#server/pipelines/index.ts";

/** One file of an output; `?file=` names it inside a folder. */
export const GET = handle(async ({ actor, params, request }) => {
  const { project = "", number = "", step = "", output = "" } = params;
  const file = new URL(request.url).searchParams.get("file");
  const found = await locateOutputFile(actor, project, {
    number,
    step,
    output: decodeURIComponent(output),
    ...(file === null ? {} : { file }),
  });
  return await downloadObject(request, found);
});

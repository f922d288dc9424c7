import { handle } from "#server/http/route.ts";
import { readWholeLog } from "#server/pipelines/index.ts";

export const GET = handle(async ({ actor, params }) => {
  const { project = "", number = "", attempt = "" } = params;
  const { fileName, text } = await readWholeLog(actor, project, { number, attempt });
  return new Response(text, {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
      "x-content-type-options": "nosniff",
    },
  });
});

import { handle } from "#server/http/route.ts";
import { getRunLock } from "#server/pipelines/index.ts";

export const GET = handle(async ({ actor, params }) => {
  const { project = "", run = "" } = params;
  const { lock, sha256 } = await getRunLock(actor, project, { run });
  return new Response(lock, {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": `attachment; filename="requirements-${sha256.slice(0, 12)}.txt"`,
      "x-content-type-options": "nosniff",
    },
  });
});

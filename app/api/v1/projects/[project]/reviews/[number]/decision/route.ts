import { decide } from "#server/governance/index.ts";
import { handle, jsonBody } from "#server/http/route.ts";

export const POST = handle(async ({ actor, params, request }) => {
  const { project = "", number = "" } = params;
  const body = (await jsonBody(request)) as Parameters<typeof decide>[2];
  return Response.json(await decide(actor, project, { ...body, number }));
});

import { listPolicies, writePolicy } from "#server/governance/index.ts";
import { handle, jsonBody, route } from "#server/http/route.ts";

export const GET = route(listPolicies);
export const POST = handle(async ({ actor, params, request }) => {
  const { project = "" } = params;
  return Response.json(await writePolicy(actor, project, (await jsonBody(request)) as { text: string }), {
    status: 201,
  });
});

import { handle, jsonBody } from "#server/http/route.ts";
import { testWebhook } from "#server/registry/index.ts";

/** Sends an example message now and answers what the receiver said; no delivery is kept of it. */
export const POST = handle(async ({ actor, params, request }) => {
  const { project = "", webhook = "" } = params;
  return Response.json(await testWebhook(actor, project, { ...((await jsonBody(request)) as object), id: webhook }));
});

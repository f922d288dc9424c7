import { route } from "#server/http/route.ts";
import { tryEndpoint } from "#server/serving/index.ts";

export const POST = route(tryEndpoint, {
  input: ({ params, body }) => ({ ...(body as object), name: params["name"] }),
});

import { route } from "#server/http/route.ts";
import { stopEndpoint } from "#server/serving/index.ts";

export const POST = route(stopEndpoint, {
  input: ({ params, body }) => ({ ...(body as object), name: params["name"] }),
});

import { route } from "#server/http/route.ts";
import { getEndpoint, updateEndpoint } from "#server/serving/index.ts";

export const GET = route(getEndpoint);
export const PATCH = route(updateEndpoint, {
  input: ({ params, body }) => ({ ...(body as object), name: params["name"] }),
});

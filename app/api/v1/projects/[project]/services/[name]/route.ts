import { route } from "#server/http/route.ts";
import { getService, updateService } from "#server/serving/index.ts";

export const GET = route(getService);
export const PATCH = route(updateService, {
  input: ({ params, body }) => ({ ...(body as object), name: params["name"] }),
});

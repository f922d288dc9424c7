import { route } from "#server/http/route.ts";
import { stopService } from "#server/serving/index.ts";

export const POST = route(stopService, {
  input: ({ params, body }) => ({ ...(body as object), name: params["name"] }),
});

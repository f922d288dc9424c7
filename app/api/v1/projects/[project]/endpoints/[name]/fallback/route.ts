import { route } from "#server/http/route.ts";
import { setFallback } from "#server/serving/index.ts";

export const PUT = route(setFallback, {
  input: ({ params, body }) => ({ ...(body as object), name: params["name"] }),
});

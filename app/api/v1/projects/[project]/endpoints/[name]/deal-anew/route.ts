import { route } from "#server/http/route.ts";
import { dealAnew } from "#server/serving/index.ts";

export const POST = route(dealAnew, {
  input: ({ params, body }) => ({ ...(body as object), name: params["name"] }),
});

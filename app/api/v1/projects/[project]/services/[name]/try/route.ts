import { route } from "#server/http/route.ts";
import { tryService } from "#server/serving/index.ts";

export const POST = route(tryService, {
  input: ({ params, body }) => ({ ...(body as object), name: params["name"] }),
});

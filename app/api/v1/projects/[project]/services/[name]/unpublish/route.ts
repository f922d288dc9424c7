import { route } from "#server/http/route.ts";
import { unpublishService } from "#server/serving/index.ts";

export const POST = route(unpublishService, {
  input: ({ params, body }) => ({ ...(body as object), name: params["name"] }),
});

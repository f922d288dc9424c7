import { route } from "#server/http/route.ts";
import { endArm } from "#server/serving/index.ts";

export const POST = route(endArm, {
  input: ({ params, body }) => ({ ...(body as object), name: params["name"], id: params["id"] }),
});

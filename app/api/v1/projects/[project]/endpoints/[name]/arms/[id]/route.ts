import { route } from "#server/http/route.ts";
import { changeArm } from "#server/serving/index.ts";

export const PATCH = route(changeArm, {
  input: ({ params, body }) => ({ ...(body as object), name: params["name"], id: params["id"] }),
});

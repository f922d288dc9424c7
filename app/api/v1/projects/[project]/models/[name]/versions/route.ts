import { route } from "#server/http/route.ts";
import { registerVersion } from "#server/registry/index.ts";

export const POST = route(registerVersion, {
  status: 201,
  input: ({ params, body }) => ({ ...(body as object), model: params["name"] }),
});

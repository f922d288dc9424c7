import { route } from "#server/http/route.ts";
import { changeLogRules } from "#server/serving/index.ts";

export const PATCH = route(changeLogRules, {
  input: ({ params, body }) => ({ ...(body as object), name: params["name"] }),
});

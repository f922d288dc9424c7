import { route } from "#server/http/route.ts";
import { resumeEndpoint } from "#server/serving/index.ts";

export const POST = route(resumeEndpoint, {
  input: ({ params, body }) => ({ ...(body as object), name: params["name"] }),
});

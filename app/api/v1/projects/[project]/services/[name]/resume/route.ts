import { route } from "#server/http/route.ts";
import { resumeService } from "#server/serving/index.ts";

export const POST = route(resumeService, {
  input: ({ params, body }) => ({ ...(body as object), name: params["name"] }),
});

import { route } from "#server/http/route.ts";
import { getRun, updateRun } from "#server/tracking/index.ts";

export const GET = route(getRun, { input: ({ params }) => ({ runId: params["run"] }) });
export const PATCH = route(updateRun, {
  input: ({ params, body }) => ({ ...(body as object), runId: params["run"] }),
});

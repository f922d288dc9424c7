import { route } from "#server/http/route.ts";
import { inspectPredictions } from "#server/tracking/index.ts";

export const GET = route(inspectPredictions, {
  input: ({ params, query }) => ({ runId: params["run"], artifact: query["artifact"] ?? "" }),
});

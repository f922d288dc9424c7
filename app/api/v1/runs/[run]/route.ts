import { route } from "#server/http/route.ts";
import { findRun } from "#server/tracking/index.ts";

export const GET = route(findRun, { input: ({ params }) => ({ runId: params["run"] }) });

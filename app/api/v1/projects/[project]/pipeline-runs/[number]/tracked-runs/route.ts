import { route } from "#server/http/route.ts";
import { listTrackedRuns } from "#server/pipelines/index.ts";

export const GET = route(listTrackedRuns);

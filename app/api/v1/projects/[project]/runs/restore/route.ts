import { route } from "#server/http/route.ts";
import { restoreRuns } from "#server/tracking/index.ts";

export const POST = route(restoreRuns);

import { route } from "#server/http/route.ts";
import { listRuns } from "#server/tracking/index.ts";

export const GET = route(listRuns);

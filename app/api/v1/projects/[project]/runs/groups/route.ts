import { route } from "#server/http/route.ts";
import { groupRuns } from "#server/tracking/index.ts";

export const GET = route(groupRuns);

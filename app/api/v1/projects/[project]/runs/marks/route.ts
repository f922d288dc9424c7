import { route } from "#server/http/route.ts";
import { listRunMarks, markRuns } from "#server/tracking/index.ts";

export const GET = route(listRunMarks);
export const PUT = route(markRuns);

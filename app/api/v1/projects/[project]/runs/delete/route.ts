import { route } from "#server/http/route.ts";
import { deleteRuns } from "#server/tracking/index.ts";

export const POST = route(deleteRuns);

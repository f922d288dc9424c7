import { route } from "#server/http/route.ts";
import { getWindow } from "#server/monitoring/index.ts";

/** One window with the bars of every distribution; the window by its start, as 2013-07-01T00:00:00.000Z. */
export const GET = route(getWindow);

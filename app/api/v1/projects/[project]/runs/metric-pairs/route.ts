import { route } from "#server/http/route.ts";
import { pairMetrics } from "#server/tracking/index.ts";

/** POST, since a hundred run ids outgrow an address; it changes nothing. */
export const POST = route(pairMetrics);

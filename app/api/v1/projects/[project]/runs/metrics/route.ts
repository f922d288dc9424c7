import { route } from "#server/http/route.ts";
import { drawMetricHistory } from "#server/tracking/index.ts";

/** POST, since a hundred run ids and as many metric names outgrow an address; it changes nothing. */
export const POST = route(drawMetricHistory);

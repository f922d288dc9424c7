import { route } from "#server/http/route.ts";
import { getEndpointTraffic } from "#server/serving/index.ts";

export const GET = route(getEndpointTraffic);

import { route } from "#server/http/route.ts";
import { getEndpointUsage } from "#server/serving/index.ts";

export const GET = route(getEndpointUsage);

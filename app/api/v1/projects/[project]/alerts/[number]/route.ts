import { route } from "#server/http/route.ts";
import { getAlert } from "#server/monitoring/index.ts";

export const GET = route(getAlert);

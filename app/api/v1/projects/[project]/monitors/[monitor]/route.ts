import { route } from "#server/http/route.ts";
import { getMonitor, updateMonitor } from "#server/monitoring/index.ts";

export const GET = route(getMonitor);
export const PATCH = route(updateMonitor);

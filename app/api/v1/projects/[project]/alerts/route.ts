import { route } from "#server/http/route.ts";
import { listAlerts } from "#server/monitoring/index.ts";

export const GET = route(listAlerts);

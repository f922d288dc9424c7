import { route } from "#server/http/route.ts";
import { resolveAlert } from "#server/monitoring/index.ts";

export const POST = route(resolveAlert);

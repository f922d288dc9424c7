import { route } from "#server/http/route.ts";
import { computeNow } from "#server/monitoring/index.ts";

/** Brings the windows up to date now. */
export const POST = route(computeNow, { status: 202 });

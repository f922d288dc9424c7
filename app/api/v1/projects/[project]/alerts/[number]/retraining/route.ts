import { route } from "#server/http/route.ts";
import { startRetraining } from "#server/monitoring/index.ts";

export const POST = route(startRetraining, { status: 202 });

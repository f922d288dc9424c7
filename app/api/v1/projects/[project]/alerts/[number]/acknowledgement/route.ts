import { route } from "#server/http/route.ts";
import { acknowledgeAlert } from "#server/monitoring/index.ts";

export const POST = route(acknowledgeAlert);

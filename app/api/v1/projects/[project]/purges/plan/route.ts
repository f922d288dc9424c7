import { route } from "#server/http/route.ts";
import { planPurge } from "#server/retention/index.ts";

export const POST = route(planPurge);

import { route } from "#server/http/route.ts";
import { getRollout } from "#server/serving/index.ts";

/** The rollout of a request; null for one without. */
export const GET = route(getRollout);

import { route } from "#server/http/route.ts";
import { completeRolloutEarly } from "#server/serving/index.ts";

export const POST = route(completeRolloutEarly);

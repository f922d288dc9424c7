import { route } from "#server/http/route.ts";
import { revertRolloutByHand } from "#server/serving/index.ts";

export const POST = route(revertRolloutByHand);

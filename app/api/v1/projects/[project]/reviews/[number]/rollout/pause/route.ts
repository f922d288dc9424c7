import { route } from "#server/http/route.ts";
import { pauseRollout } from "#server/serving/index.ts";

export const POST = route(pauseRollout);

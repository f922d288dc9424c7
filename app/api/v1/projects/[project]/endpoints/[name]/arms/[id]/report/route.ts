import { route } from "#server/http/route.ts";
import { getArmReport } from "#server/serving/index.ts";

export const GET = route(getArmReport);

import { route } from "#server/http/route.ts";
import { listPredictions } from "#server/serving/index.ts";

export const GET = route(listPredictions);

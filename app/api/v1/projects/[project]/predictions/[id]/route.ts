import { route } from "#server/http/route.ts";
import { lookUpPrediction } from "#server/serving/index.ts";

export const GET = route(lookUpPrediction);

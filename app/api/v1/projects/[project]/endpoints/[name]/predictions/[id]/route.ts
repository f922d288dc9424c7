import { route } from "#server/http/route.ts";
import { getPrediction } from "#server/serving/index.ts";

export const GET = route(getPrediction);

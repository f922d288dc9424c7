import { route } from "#server/http/route.ts";
import { getScoring } from "#server/serving/index.ts";

export const GET = route(getScoring);

import { route } from "#server/http/route.ts";
import { cancelScoring } from "#server/serving/index.ts";

export const POST = route(cancelScoring);

import { route } from "#server/http/route.ts";
import { listTokenUsage } from "#server/serving/index.ts";

export const GET = route(listTokenUsage);

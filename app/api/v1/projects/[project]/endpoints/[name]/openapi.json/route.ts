import { route } from "#server/http/route.ts";
import { getOpenApi } from "#server/serving/index.ts";

export const GET = route(getOpenApi);

import { route } from "#server/http/route.ts";
import { getServiceOpenApi } from "#server/serving/index.ts";

export const GET = route(getServiceOpenApi);

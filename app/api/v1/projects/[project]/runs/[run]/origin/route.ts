import { route } from "#server/http/route.ts";
import { getRunOrigin } from "#server/pipelines/index.ts";

export const GET = route(getRunOrigin);

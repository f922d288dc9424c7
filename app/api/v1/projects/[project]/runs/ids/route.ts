import { route } from "#server/http/route.ts";
import { listRunIds } from "#server/tracking/index.ts";

export const GET = route(listRunIds);

import { route } from "#server/http/route.ts";
import { listValues } from "#server/tracking/index.ts";

export const GET = route(listValues);

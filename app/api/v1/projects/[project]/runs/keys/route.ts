import { route } from "#server/http/route.ts";
import { listKeys } from "#server/tracking/index.ts";

export const GET = route(listKeys);

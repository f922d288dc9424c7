import { route } from "#server/http/route.ts";
import { listServiceCalls } from "#server/serving/index.ts";

export const GET = route(listServiceCalls);

import { route } from "#server/http/route.ts";
import { listRunsBelow } from "#server/tracking/index.ts";

export const POST = route(listRunsBelow);

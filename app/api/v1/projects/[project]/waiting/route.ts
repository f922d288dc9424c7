import { route } from "#server/http/route.ts";
import { countWaiting } from "#server/overview/index.ts";

export const GET = route(countWaiting);

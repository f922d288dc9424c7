import { route } from "#server/http/route.ts";
import { setRetention } from "#server/retention/index.ts";

export const PUT = route(setRetention);

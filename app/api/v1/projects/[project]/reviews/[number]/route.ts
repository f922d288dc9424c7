import { getRequest } from "#server/governance/index.ts";
import { route } from "#server/http/route.ts";

export const GET = route(getRequest);

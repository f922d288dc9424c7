import { withdrawRequest } from "#server/governance/index.ts";
import { route } from "#server/http/route.ts";

export const POST = route(withdrawRequest);

import { reevaluateRequest } from "#server/governance/index.ts";
import { route } from "#server/http/route.ts";

/** Starts the checks again; approvals given so far become void. */
export const POST = route(reevaluateRequest);

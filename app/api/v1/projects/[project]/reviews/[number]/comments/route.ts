import { commentOnRequest } from "#server/governance/index.ts";
import { route } from "#server/http/route.ts";

export const POST = route(commentOnRequest, { status: 201 });

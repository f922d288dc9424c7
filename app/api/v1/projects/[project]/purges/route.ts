import { route } from "#server/http/route.ts";
import { listPurges, startPurge } from "#server/retention/index.ts";

export const GET = route(listPurges);
export const POST = route(startPurge, { status: 201 });

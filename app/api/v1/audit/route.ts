import { route } from "#server/http/route.ts";
import { listAudit } from "#server/overview/index.ts";

export const GET = route(listAudit);

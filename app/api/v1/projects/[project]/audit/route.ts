import { route } from "#server/http/route.ts";
import { listAuditEvents } from "#server/identity/index.ts";

export const GET = route(listAuditEvents);

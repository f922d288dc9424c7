import { route } from "#server/http/route.ts";
import { listPlatformAuditEvents } from "#server/identity/index.ts";

export const GET = route(listPlatformAuditEvents);

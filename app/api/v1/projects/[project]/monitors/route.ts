import { route } from "#server/http/route.ts";
import { createMonitor, listMonitors } from "#server/monitoring/index.ts";

export const GET = route(listMonitors, { input: () => ({}) });
export const POST = route(createMonitor, { status: 201 });

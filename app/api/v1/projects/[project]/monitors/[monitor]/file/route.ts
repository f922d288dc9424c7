import { route } from "#server/http/route.ts";
import { applyMonitorFile } from "#server/monitoring/index.ts";

/** Makes the monitor of the endpoint of that name what monitor.yaml on main says. */
export const PUT = route(applyMonitorFile, { input: ({ params }) => ({ endpoint: params["monitor"] }) });

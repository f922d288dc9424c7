import { route } from "#server/http/route.ts";
import { listExports, startExport } from "#server/serving/index.ts";

export const GET = route(listExports);
export const POST = route(startExport, { status: 201 });

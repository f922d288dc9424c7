import { route } from "#server/http/route.ts";
import { getExport } from "#server/serving/index.ts";

export const GET = route(getExport);

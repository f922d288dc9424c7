import { route } from "#server/http/route.ts";
import { cancelExport } from "#server/serving/index.ts";

export const POST = route(cancelExport);

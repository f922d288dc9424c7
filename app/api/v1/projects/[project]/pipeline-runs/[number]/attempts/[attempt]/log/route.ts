import { route } from "#server/http/route.ts";
import { readLog } from "#server/pipelines/index.ts";

export const GET = route(readLog);

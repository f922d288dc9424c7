import { route } from "#server/http/route.ts";
import { getRun } from "#server/pipelines/index.ts";

export const GET = route(getRun);

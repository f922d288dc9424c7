import { route } from "#server/http/route.ts";
import { cancelRun } from "#server/pipelines/index.ts";

export const POST = route(cancelRun);

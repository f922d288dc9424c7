import { route } from "#server/http/route.ts";
import { forkRun } from "#server/pipelines/index.ts";

export const POST = route(forkRun, { status: 201 });

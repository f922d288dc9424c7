import { route } from "#server/http/route.ts";
import { listRuns, startRun } from "#server/pipelines/index.ts";

export const GET = route(listRuns);
export const POST = route(startRun, { status: 201, input: ({ body }) => body });

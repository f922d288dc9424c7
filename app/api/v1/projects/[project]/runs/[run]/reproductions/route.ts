import { route } from "#server/http/route.ts";
import { listReproductions, reproduceRun } from "#server/pipelines/index.ts";

export const GET = route(listReproductions);
export const POST = route(reproduceRun, { status: 201 });

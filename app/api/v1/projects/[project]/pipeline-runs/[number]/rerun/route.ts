import { route } from "#server/http/route.ts";
import { rerun } from "#server/pipelines/index.ts";

export const POST = route(rerun, { status: 201 });

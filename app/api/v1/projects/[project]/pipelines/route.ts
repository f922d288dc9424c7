import { route } from "#server/http/route.ts";
import { listPipelines } from "#server/pipelines/index.ts";

export const GET = route(listPipelines);

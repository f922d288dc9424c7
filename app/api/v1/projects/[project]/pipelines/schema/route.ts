import { route } from "#server/http/route.ts";
import { getPipelineSchema } from "#server/pipelines/index.ts";

export const GET = route(getPipelineSchema);

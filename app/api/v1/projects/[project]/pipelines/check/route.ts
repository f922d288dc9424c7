import { route } from "#server/http/route.ts";
import { checkPipelineFile } from "#server/pipelines/index.ts";

export const POST = route(checkPipelineFile);

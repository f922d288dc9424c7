import { route } from "#server/http/route.ts";
import { listOutputFiles } from "#server/pipelines/index.ts";

export const GET = route(listOutputFiles);

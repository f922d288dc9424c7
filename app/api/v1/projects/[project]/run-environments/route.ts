import { route } from "#server/http/route.ts";
import { listRunEnvironments } from "#server/pipelines/index.ts";

export const GET = route(listRunEnvironments);

import { route } from "#server/http/route.ts";
import { getProject, updateProject } from "#server/projects/index.ts";

export const GET = route(getProject);
export const PATCH = route(updateProject);

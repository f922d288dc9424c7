import { route } from "#server/http/route.ts";
import { createProject, listProjects } from "#server/projects/index.ts";

export const GET = route(listProjects);
export const POST = route(createProject, { status: 201 });

import { route } from "#server/http/route.ts";
import { startProject } from "#server/overview/index.ts";
import { listProjects } from "#server/projects/index.ts";

export const GET = route(listProjects);
export const POST = route(startProject, { status: 201 });

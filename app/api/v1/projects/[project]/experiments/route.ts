import { route } from "#server/http/route.ts";
import { createExperiment, listExperiments } from "#server/tracking/index.ts";

export const GET = route(listExperiments);
export const POST = route(createExperiment, { status: 201 });

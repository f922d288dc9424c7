import { route } from "#server/http/route.ts";
import { deleteExperiment, getExperiment, renameExperiment } from "#server/tracking/index.ts";

export const GET = route(getExperiment);
export const PATCH = route(renameExperiment);
export const DELETE = route(deleteExperiment);

import { route } from "#server/http/route.ts";
import { deleteEvaluation, getEvaluation } from "#server/tracking/index.ts";

export const GET = route(getEvaluation);
export const DELETE = route(deleteEvaluation);

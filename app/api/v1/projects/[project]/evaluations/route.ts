import { route } from "#server/http/route.ts";
import { listEvaluations, startEvaluation } from "#server/tracking/index.ts";

export const GET = route(listEvaluations);
export const POST = route(startEvaluation, { status: 201 });

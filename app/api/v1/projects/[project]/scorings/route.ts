import { route } from "#server/http/route.ts";
import { listScorings, startScoring } from "#server/serving/index.ts";

export const GET = route(listScorings);
export const POST = route(startScoring, { status: 201 });

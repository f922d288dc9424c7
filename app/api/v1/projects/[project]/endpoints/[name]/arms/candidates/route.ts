import { route } from "#server/http/route.ts";
import { listArmCandidates } from "#server/serving/index.ts";

export const GET = route(listArmCandidates);

import { route } from "#server/http/route.ts";
import { restoreExperiment } from "#server/tracking/index.ts";

export const POST = route(restoreExperiment);

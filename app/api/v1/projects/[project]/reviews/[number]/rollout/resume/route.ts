import { route } from "#server/http/route.ts";
import { resumeRollout } from "#server/serving/index.ts";

export const POST = route(resumeRollout);

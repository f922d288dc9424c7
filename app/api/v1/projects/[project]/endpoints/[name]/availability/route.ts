import { route } from "#server/http/route.ts";
import { getAvailability } from "#server/serving/index.ts";

export const GET = route(getAvailability);

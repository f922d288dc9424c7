import { getDatasetVersion } from "#server/data/index.ts";
import { route } from "#server/http/route.ts";

export const GET = route(getDatasetVersion);

import { getDataset, updateDataset } from "#server/data/index.ts";
import { route } from "#server/http/route.ts";

export const GET = route(getDataset);
export const PATCH = route(updateDataset);

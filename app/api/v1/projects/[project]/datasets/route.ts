import { createDataset, listDatasets } from "#server/data/index.ts";
import { route } from "#server/http/route.ts";

export const GET = route(listDatasets);
export const POST = route(createDataset, { status: 201 });

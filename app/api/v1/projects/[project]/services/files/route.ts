import { route } from "#server/http/route.ts";
import { listPublishableFiles } from "#server/serving/index.ts";

export const GET = route(listPublishableFiles);

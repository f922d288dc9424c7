import { route } from "#server/http/route.ts";
import { search } from "#server/overview/index.ts";

export const GET = route(search);

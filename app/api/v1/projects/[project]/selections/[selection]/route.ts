import { route } from "#server/http/route.ts";
import { getSelection } from "#server/tracking/index.ts";

export const GET = route(getSelection);

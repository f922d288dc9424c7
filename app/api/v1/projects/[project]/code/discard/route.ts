import { discardChanges } from "#server/code/index.ts";
import { route } from "#server/http/route.ts";

export const POST = route(discardChanges);

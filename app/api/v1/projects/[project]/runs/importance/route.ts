import { route } from "#server/http/route.ts";
import { requestImportance } from "#server/tracking/index.ts";

/** POST, since a hundred run ids outgrow an address; the same question is answered from what is stored. */
export const POST = route(requestImportance);

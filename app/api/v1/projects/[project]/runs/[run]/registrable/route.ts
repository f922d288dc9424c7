import { route } from "#server/http/route.ts";
import { listRegistrable } from "#server/registry/index.ts";

/** What the run left that a model version can be registered from. */
export const GET = route(listRegistrable);

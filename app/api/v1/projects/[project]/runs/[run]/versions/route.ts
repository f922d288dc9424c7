import { route } from "#server/http/route.ts";
import { listVersionsFrom } from "#server/registry/index.ts";

/** The model versions that were registered from the run, newest first. */
export const GET = route(listVersionsFrom, { input: ({ params }) => ({ runId: params["run"] }) });

import { listRollbackTargets, rollBack } from "#server/governance/index.ts";
import { route } from "#server/http/route.ts";

/** Earlier champions, and whether each could be champion again. */
export const GET = route(listRollbackTargets, { input: ({ params }) => ({ model: params["name"] ?? "" }) });
/** Makes one of them champion, effective in serving within five seconds. */
export const POST = route(rollBack, {
  input: ({ params, body }) => ({ ...(body as object), model: params["name"] ?? "" }),
});

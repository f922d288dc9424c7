import { commitWorkspace, getHistory } from "#server/code/index.ts";
import { route } from "#server/http/route.ts";

export const GET = route(getHistory);
export const POST = route(commitWorkspace, { status: 201 });

import { route } from "#server/http/route.ts";
import { listInbox, markInbox } from "#server/inbox/index.ts";

export const GET = route(listInbox);
export const POST = route(markInbox);

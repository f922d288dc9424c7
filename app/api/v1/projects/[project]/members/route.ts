import { route } from "#server/http/route.ts";
import { listMembers, setMember } from "#server/identity/index.ts";

export const GET = route(listMembers);
export const PUT = route(setMember);

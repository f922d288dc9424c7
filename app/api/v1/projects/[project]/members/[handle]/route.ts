import { route } from "#server/http/route.ts";
import { removeMember } from "#server/identity/index.ts";

export const DELETE = route(removeMember);

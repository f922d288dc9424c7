import { route } from "#server/http/route.ts";
import { revokeToken } from "#server/identity/index.ts";

export const DELETE = route(revokeToken);

import { route } from "#server/http/route.ts";
import { createToken, listTokens } from "#server/identity/index.ts";

export const GET = route(listTokens);
export const POST = route(createToken, { status: 201 });

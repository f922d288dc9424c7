import { route } from "#server/http/route.ts";
import { createOwnToken } from "#server/identity/index.ts";

export const POST = route(createOwnToken, { status: 201 });

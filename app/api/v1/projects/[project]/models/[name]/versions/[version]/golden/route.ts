import { route } from "#server/http/route.ts";
import { takeGolden } from "#server/registry/index.ts";

export const POST = route(takeGolden);

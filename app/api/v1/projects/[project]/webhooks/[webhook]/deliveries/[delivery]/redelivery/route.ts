import { route } from "#server/http/route.ts";
import { redeliver } from "#server/registry/index.ts";

export const POST = route(redeliver);

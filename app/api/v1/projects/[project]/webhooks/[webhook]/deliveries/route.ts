import { route } from "#server/http/route.ts";
import { listDeliveries } from "#server/registry/index.ts";

export const GET = route(listDeliveries);

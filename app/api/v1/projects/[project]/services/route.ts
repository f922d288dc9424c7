import { route } from "#server/http/route.ts";
import { listServices, publishService } from "#server/serving/index.ts";

export const GET = route(listServices);
export const POST = route(publishService, { status: 201 });

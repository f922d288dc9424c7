import { route } from "#server/http/route.ts";
import { createEndpoint, listEndpoints } from "#server/serving/index.ts";

export const GET = route(listEndpoints);
export const POST = route(createEndpoint, { status: 201 });

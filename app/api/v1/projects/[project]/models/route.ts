import { route } from "#server/http/route.ts";
import { createModel, listModels } from "#server/registry/index.ts";

export const GET = route(listModels);
export const POST = route(createModel, { status: 201 });

import { route } from "#server/http/route.ts";
import { getModel, updateModel } from "#server/registry/index.ts";

export const GET = route(getModel);
export const PATCH = route(updateModel);

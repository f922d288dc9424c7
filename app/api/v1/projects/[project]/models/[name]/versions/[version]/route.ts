import { route } from "#server/http/route.ts";
import { deleteVersion, getVersion, updateVersion } from "#server/registry/index.ts";

export const GET = route(getVersion);
export const PATCH = route(updateVersion);
export const DELETE = route(deleteVersion);

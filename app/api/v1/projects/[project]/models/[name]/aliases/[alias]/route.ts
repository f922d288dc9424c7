import { route } from "#server/http/route.ts";
import { deleteAlias, setAlias } from "#server/registry/index.ts";

export const PUT = route(setAlias);
export const DELETE = route(deleteAlias);

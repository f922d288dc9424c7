import { diffDraft } from "#server/code/index.ts";
import { route } from "#server/http/route.ts";

export const GET = route(diffDraft);

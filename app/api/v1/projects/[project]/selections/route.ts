import { route } from "#server/http/route.ts";
import { chooseRun, listSelections } from "#server/tracking/index.ts";

export const GET = route(listSelections);
export const POST = route(chooseRun, { status: 201 });

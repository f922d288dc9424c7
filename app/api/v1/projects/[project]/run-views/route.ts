import { route } from "#server/http/route.ts";
import { listRunViews, saveRunView } from "#server/tracking/index.ts";

export const GET = route(listRunViews);
export const POST = route(saveRunView, { status: 201 });

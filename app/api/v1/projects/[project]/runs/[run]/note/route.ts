import { route } from "#server/http/route.ts";
import { getNote, writeNote } from "#server/tracking/index.ts";

export const GET = route(getNote, { input: ({ params }) => ({ owner: { kind: "run", id: params["run"] } }) });
export const PUT = route(writeNote, {
  input: ({ params, body }) => ({ ...(body as object), owner: { kind: "run", id: params["run"] } }),
});

import { route } from "#server/http/route.ts";
import { deleteRunView, updateRunView } from "#server/tracking/index.ts";

const input = ({ params, body }: { params: Readonly<Record<string, string>>; body: unknown }) => ({
  ...(body as object),
  id: params["view"],
});

export const PATCH = route(updateRunView, { input });
export const DELETE = route(deleteRunView, { input });

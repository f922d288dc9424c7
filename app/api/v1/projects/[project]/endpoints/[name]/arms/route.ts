import { route } from "#server/http/route.ts";
import { listArms, startArm } from "#server/serving/index.ts";

export const GET = route(listArms);
export const POST = route(startArm, {
  status: 201,
  input: ({ params, body }) => ({ ...(body as object), name: params["name"] }),
});

import { type Parts, route } from "#server/http/route.ts";
import { deleteWebhook, getWebhook, updateWebhook } from "#server/registry/index.ts";

const input = ({ params, body }: Parts) => ({ ...(body as object), id: params["webhook"] });

export const GET = route(getWebhook, { input });
export const PATCH = route(updateWebhook, { input });
export const DELETE = route(deleteWebhook, { input });

import { route } from "#server/http/route.ts";
import { createWebhook, listWebhooks } from "#server/registry/index.ts";

export const GET = route(listWebhooks);
export const POST = route(createWebhook, { status: 201 });

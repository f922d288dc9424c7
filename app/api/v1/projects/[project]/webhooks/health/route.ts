import { route } from "#server/http/route.ts";
import { getWebhookHealth } from "#server/registry/index.ts";

export const GET = route(getWebhookHealth);

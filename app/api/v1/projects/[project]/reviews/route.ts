import { listRequests, requestPromotion } from "#server/governance/index.ts";
import { route } from "#server/http/route.ts";

export const GET = route(listRequests);
/** What started a request is the platform's to say; a caller states model, version and reason. */
export const POST = route(requestPromotion, {
  status: 201,
  input: ({ body }) => {
    const { model, version, reason } = body as Record<string, unknown>;
    return { model, version, reason };
  },
});

import { listRequests, requestPromotion } from "#server/governance/index.ts";
import { route } from "#server/http/route.ts";

export const GET = route(listRequests);
/** What started a request is the platform's to say; a caller states model, version, reason and by which choice the run was taken. */
export const POST = route(requestPromotion, {
  status: 201,
  input: ({ body }) => {
    const { model, version, reason, selection } = body as Record<string, unknown>;
    return { model, version, reason, selection };
  },
});

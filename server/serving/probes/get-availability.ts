import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import type { EndpointAvailability } from "../contract.ts";
import { findEndpoint } from "../find-endpoint.ts";
import { readAvailability } from "./availability.ts";

/** How available an endpoint was in the last 30 days, by day, as probes through its public address found it. Errors: not_found. */
export const getAvailability = defineUseCase({
  name: "serving.get-availability",
  scope: "serving:read",
  effect: "read",
  input: z.object({ name: z.string() }),
  async run({ input, project, db }): Promise<EndpointAvailability> {
    const endpoint = await findEndpoint(db, project.id, input.name);
    const found = (await readAvailability(db, [endpoint])).get(endpoint.id);
    if (!found) throw new Error("unreachable: every endpoint that is asked for is answered");
    return found;
  },
});

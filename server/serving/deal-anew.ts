import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { uuidv7 } from "#server/kernel/ids.ts";
import { findEndpoint } from "./find-endpoint.ts";

/**
 * Deals all keys to the arms anew, so that a comparison does not begin with those whom an earlier one has treated. Whoever was answered by a canary may
 * be answered by the champion from now on. Errors: not_found.
 */
export const dealAnew = defineUseCase({
  name: "serving.deal-anew",
  scope: "serving:write",
  effect: "write",
  input: z.object({ name: z.string() }),
  async run({ input, actor, project, db, audit, publish }) {
    const endpoint = await findEndpoint(db, project.id, input.name);
    const dealtAt = new Date();
    await db.endpoint.update({ where: { id: endpoint.id }, data: { salt: uuidv7() } });
    await db.endpointArm.updateMany({
      where: { endpointId: endpoint.id, endedAt: null },
      data: { shareSince: dealtAt },
    });
    await audit({
      action: "endpoint.dealt-anew",
      subject: { type: "endpoint", id: endpoint.id },
      summary: `${actor.name} dealt the requests of ${endpoint.name} to its arms anew`,
    });
    await publish("endpoints", endpoint.id);
    return { name: endpoint.name, dealtAt: dealtAt.toISOString() };
  },
});

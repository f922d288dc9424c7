import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";

/**
 * Ends what a new champion leaves without sense at its model's endpoints: the arm that it was itself, and an A/B, which compared its version with the
 * champion before. A canary of another version goes on beside the new champion. What happens when a model gets a new champion.
 */
export const endOvertakenArms = defineUseCase({
  name: "serving.end-overtaken-arms",
  scope: "serving:write",
  effect: "write",
  unaudited: "Most champions leave no arm to end; each that is ended is an event.",
  input: z.object({ modelId: z.uuid(), versionId: z.uuid() }),
  async run({ input, project, db, audit, publish }) {
    const arms = await db.endpointArm.findMany({
      where: {
        endedAt: null,
        endpoint: { projectId: project.id, modelId: input.modelId },
        OR: [{ versionId: input.versionId }, { kind: "ab" }],
      },
      include: { endpoint: { select: { id: true, name: true } } },
    });
    if (arms.length === 0) return { ended: 0 };
    const champion = await db.modelVersion.findFirst({
      where: { id: input.versionId, projectId: project.id },
      select: { version: true },
    });
    for (const arm of arms) {
      const became = `Version ${champion?.version ?? "?"} became champion`;
      const reason =
        arm.versionId === input.versionId
          ? `${became}.`
          : `${became}, so the one that it was compared with answers no longer.`;
      await db.endpointArm.update({
        where: { id: arm.id },
        data: { endedAt: new Date(), endReason: reason, problem: null },
      });
      await audit({
        action: "endpoint.arm-ended",
        subject: { type: "endpoint", id: arm.endpoint.id },
        summary: `Version ${arm.version} takes part in ${arm.endpoint.name} no longer. ${reason}`,
        details: { arm: arm.id, kind: arm.kind, version: arm.version, share: arm.share },
      });
      await publish("endpoints", arm.endpoint.id);
    }
    return { ended: arms.length };
  },
});

import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { approvalsOf } from "./approvals.ts";

/**
 * Writes down what a serving process found: which version answers from now on (null: none; absent: as before), why the champion does not, and which arms
 * cannot run. Several processes say the same; only the first of them changes something.
 */
export const settleEndpoint = defineUseCase({
  name: "serving.settle-endpoint",
  scope: "serving:write",
  effect: "write",
  unaudited: "A repetition of what is known leaves no event; a version that begins or ends to answer does.",
  input: z.object({
    endpointId: z.uuid(),
    live: z
      .object({ versionId: z.uuid(), version: z.number().int(), requestId: z.uuid().nullable() })
      .nullable()
      .optional(),
    problem: z.string().nullable(),
    arms: z.array(z.object({ armId: z.uuid(), problem: z.string().nullable() })).default([]),
  }),
  async run({ input, project, db, audit, publish }) {
    const { endpointId, live, problem, arms } = input;
    await db.$queryRaw`select id from endpoints where id = ${endpointId}::uuid for update`;
    const endpoint = await db.endpoint.findFirst({
      where: { id: endpointId, projectId: project.id },
      include: { deployments: { where: { endedAt: null } }, arms: { where: { endedAt: null } } },
    });
    if (!endpoint) return { changed: false };
    const told = arms.flatMap(({ armId, problem: found }) => {
      const arm = endpoint.arms.find((known) => known.id === armId);
      return arm && arm.problem !== found ? [{ arm, found }] : [];
    });
    const isSame = endpoint.deployments.length === 1 && endpoint.deployments[0]?.versionId === live?.versionId;
    const isSettled = live === undefined || isSame || (endpoint.deployments.length === 0 && live === null);
    if (isSettled && endpoint.problem === problem && told.length === 0) return { changed: false };
    const subject = { type: "endpoint", id: endpointId };
    for (const { arm, found } of told) {
      await db.endpointArm.update({ where: { id: arm.id }, data: { problem: found } });
      if (found)
        await audit({
          action: "endpoint.arm-failed",
          subject,
          summary: `${endpoint.name}: version ${arm.version} does not run beside the champion. ${found}`,
          details: { arm: arm.id, kind: arm.kind, version: arm.version },
        });
    }
    if (endpoint.problem !== problem) {
      await db.endpoint.update({ where: { id: endpointId }, data: { problem } });
      if (problem) await audit({ action: "endpoint.failed", subject, summary: `${endpoint.name}: ${problem}` });
    }
    if (!isSettled) {
      const now = new Date();
      await db.endpointDeployment.updateMany({ where: { endpointId, endedAt: null }, data: { endedAt: now } });
      const before = endpoint.deployments[0]?.version ?? null;
      if (live) {
        const { versionId, version, requestId } = live;
        await db.endpointDeployment.create({ data: { endpointId, versionId, version, requestId, startedAt: now } });
        const request = requestId ? (await approvalsOf(db, [requestId])).get(requestId) : undefined;
        const approved = request ? `, approved by ${request.approvedBy.join(" and ")} (request ${request.number})` : "";
        await audit({
          action: "endpoint.deployed",
          subject,
          summary: `${endpoint.name} serves version ${version}${before ? ` in place of version ${before}` : ""}${approved}`,
          details: { before, after: version, versionId, requestId },
        });
      } else {
        await audit({
          action: "endpoint.ended",
          subject,
          summary: `${endpoint.name} no longer serves version ${before ?? "?"}`,
          details: { before, after: null },
        });
      }
    }
    await publish("endpoints", endpointId);
    return { changed: true };
  },
});

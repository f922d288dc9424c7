import { z } from "zod";
import { PolicySpec } from "#server/governance/contract.ts";
import { defineUseCase, systemActor } from "#server/identity/index.ts";
import { placeArms } from "./arms.ts";
import { NO_FIGURES } from "./counts.ts";

/**
 * Begins the steps of an approved request: the rollout and the canary of the first step on every endpoint of the model, in one transaction. Does nothing for a request
 * that has a rollout or is no longer rolling out, so that the event and the watch may both call it.
 */
export const startRollout = defineUseCase({
  name: "serving.start-rollout",
  scope: "serving:write",
  effect: "write",
  unaudited: "a request that is rolled out already changes nothing; a rollout that begins is recorded",
  input: z.object({ requestId: z.uuid() }),
  async run({ input, actor, project, db, audit, publish }) {
    await db.$queryRaw`select id from promotion_requests where id = ${input.requestId}::uuid for update`;
    const request = await db.promotionRequest.findFirst({
      where: { id: input.requestId, projectId: project.id, status: "rolling_out" },
      include: { policy: true },
    });
    if (!request || request.baseVersionId === null) return { started: false };
    if (await db.rollout.findUnique({ where: { requestId: request.id }, select: { id: true } }))
      return { started: false };
    const { rollout: policy } = PolicySpec.parse(request.policy.spec);
    const [first] = policy?.steps ?? [];
    if (!policy || !first) return { started: false };
    const versions = await db.modelVersion.findMany({
      where: { id: { in: [request.versionId, request.baseVersionId] } },
      select: { id: true, version: true },
    });
    const numberOf = (id: string): number => versions.find((version) => version.id === id)?.version ?? 0;
    const startedAt = new Date();
    const who = {
      projectId: project.id,
      modelId: request.modelId,
      versionId: request.versionId,
      version: numberOf(request.versionId),
      baseVersionId: request.baseVersionId,
      baseVersion: numberOf(request.baseVersionId),
      requestId: request.id,
      requestNumber: request.number,
    };
    await db.rollout.create({
      data: {
        ...who,
        policy,
        baseline: { championRouted: 0, challenger: NO_FIGURES },
        ...{ startedAt, stepSince: startedAt, runningSince: startedAt },
      },
    });
    const endpoints = await placeArms(db, who, first.share, actor.name);
    await audit({
      action: "rollout.started",
      subject: { type: "promotion-request", id: request.id },
      summary: `The rollout of version ${who.version} (request ${request.number}) began with ${first.share * 100}% of the requests of ${endpoints.length} ${endpoints.length === 1 ? "endpoint" : "endpoints"}`,
      details: { version: who.version, against: who.baseVersion, share: first.share, endpoints },
    });
    for (const id of endpoints) await publish("endpoints", id);
    await publish("reviews", request.id);
    return { started: true };
  },
});

/** The job: a request was approved whose policy asks for steps. */
export async function startRolloutJob({
  projectId,
  requestId,
}: {
  projectId: string;
  requestId: string;
}): Promise<void> {
  await startRollout(systemActor("Touchstone"), projectId, { requestId });
}

import type { Db } from "#server/platform/db.ts";

interface Of {
  readonly projectId: string;
  readonly modelId: string;
  readonly versionId: string;
  readonly version: number;
  readonly requestId: string;
  readonly requestNumber: number;
}

/**
 * Brings the canary of a rollout to a share on every endpoint of the model, also on one that was created meanwhile. A split of another version ends for it, and
 * so does a shadow of this one: an endpoint has one split at a time, and a version one part in it. Returns the endpoints whose traffic changed.
 */
export async function placeArms(db: Db, rollout: Of, share: number, by: string): Promise<string[]> {
  const endpoints = await db.endpoint.findMany({
    where: { projectId: rollout.projectId, modelId: rollout.modelId },
    include: {
      arms: {
        where: { endedAt: null, OR: [{ kind: { in: ["canary", "ab"] } }, { versionId: rollout.versionId }] },
      },
    },
  });
  const changed: string[] = [];
  const now = new Date();
  for (const endpoint of endpoints) {
    const own = endpoint.arms.find((arm) => arm.kind === "canary" && arm.requestId === rollout.requestId);
    const others = endpoint.arms.filter((arm) => arm !== own);
    if (others.length > 0)
      await db.endpointArm.updateMany({
        where: { id: { in: others.map((arm) => arm.id) } },
        data: { endedAt: now, endReason: `The rollout of request ${rollout.requestNumber} took its place.` },
      });
    if (!own)
      await db.endpointArm.create({
        data: {
          endpointId: endpoint.id,
          versionId: rollout.versionId,
          version: rollout.version,
          kind: "canary",
          share,
          requestId: rollout.requestId,
          startedBy: by,
          startedAt: now,
          shareSince: now,
        },
      });
    else if (own.share !== share)
      await db.endpointArm.update({ where: { id: own.id }, data: { share, shareSince: now } });
    if (!own || own.share !== share || others.length > 0) changed.push(endpoint.id);
  }
  return changed;
}

/** Takes the challenger out of all traffic: the champion answers everything from the next plan on. Returns the endpoints. */
export async function endArms(db: Db, rollout: Pick<Of, "requestId">, reason: string): Promise<string[]> {
  const arms = await db.endpointArm.findMany({
    where: { requestId: rollout.requestId, kind: "canary", endedAt: null },
    select: { id: true, endpointId: true },
  });
  await db.endpointArm.updateMany({
    where: { id: { in: arms.map((arm) => arm.id) } },
    data: { endedAt: new Date(), endReason: reason, problem: null },
  });
  return arms.map((arm) => arm.endpointId);
}

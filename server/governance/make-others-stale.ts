import { settleNotices } from "#server/inbox/index.ts";
import { ACTIVE_STATUSES } from "./contract.ts";
import { noticeKey } from "./void-approvals.ts";
import type { WriteContext } from "./write-context.ts";

/** A model has another champion: what was compared with the one before is stale, and approvals of it are void. A rollout under way ends by it. */
export async function makeOthersStale(
  { db, project, publish }: Pick<WriteContext, "db" | "project" | "publish">,
  { modelId, except }: { modelId: string; except: string | null },
): Promise<number[]> {
  const others = await db.promotionRequest.findMany({
    where: {
      projectId: project.id,
      modelId,
      status: { in: [...ACTIVE_STATUSES] },
      ...(except === null ? {} : { id: { not: except } }),
    },
    select: { id: true, number: true },
  });
  for (const other of others) {
    await db.promotionRequest.update({ where: { id: other.id }, data: { status: "stale" } });
    await db.decision.updateMany({
      where: { requestId: other.id, voidedAt: null },
      data: { voidedAt: new Date(), voidReason: "the model has another champion now" },
    });
    await settleNotices(db, project.id, noticeKey(other.id));
    await publish("reviews", other.id);
  }
  return others.map((other) => other.number);
}

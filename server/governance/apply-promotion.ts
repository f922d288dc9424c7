import type { Actor, ProjectRef } from "#server/identity/index.ts";
import { settleNotices } from "#server/inbox/index.ts";
import type { AuditEntry } from "#server/platform/audit.ts";
import type { Db } from "#server/platform/db.ts";
import { assignAlias, dropAlias, setVersionState } from "#server/registry/index.ts";
import type { VersionDto } from "#server/registry/contract.ts";
import { championChanged } from "./events.ts";
import type { RequestRow } from "./request-parts.ts";
import { noticeKey } from "./void-approvals.ts";

interface Application {
  readonly db: Db;
  readonly project: ProjectRef;
  readonly actor: Actor;
  readonly request: RequestRow;
  readonly challenger: VersionDto;
  readonly audit: (entry: AuditEntry) => Promise<void>;
  readonly publish: (topic: string, id: string) => Promise<void>;
  readonly emit: (
    event: typeof championChanged,
    payload: { projectId: string; modelId: string; modelName: string; versionId: string; requestId: string },
  ) => Promise<void>;
}

/**
 * Makes the approved version champion, in the transaction of the last approval, if the champion is still the one that the evidence speaks of; otherwise
 * the request goes stale. Other open requests of the model were compared with the old champion and go stale too. Returns the request's new status.
 */
export async function applyPromotion({
  db,
  project,
  actor,
  request,
  challenger,
  audit,
  publish,
  emit,
}: Application): Promise<"completed" | "stale"> {
  const { modelId, versionId } = request;
  await db.$queryRaw`select id from registered_models where id = ${modelId}::uuid for update`;
  const champion = await db.modelAlias.findUnique({
    where: { modelId_alias: { modelId, alias: "champion" } },
    include: { version: { select: { version: true } } },
  });
  if ((champion?.versionId ?? null) !== request.baseVersionId) {
    await db.promotionRequest.update({ where: { id: request.id }, data: { status: "stale" } });
    return "stale";
  }
  await assignAlias(db, { modelId, alias: "champion", versionId });
  await dropAlias(db, { modelId, alias: "challenger", versionId });
  if (champion) await setVersionState(db, champion.versionId, "retired");
  await setVersionState(db, versionId, "champion");
  await db.promotionRequest.update({ where: { id: request.id }, data: { status: "completed", closedAt: new Date() } });
  const others = await db.promotionRequest.findMany({
    where: {
      projectId: project.id,
      modelId,
      id: { not: request.id },
      status: { in: ["checking", "ready", "blocked", "changes_requested"] },
    },
    select: { id: true },
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
  await settleNotices(db, project.id, noticeKey(request.id));
  await audit({
    action: "champion.changed",
    subject: { type: "model-version", id: versionId },
    summary: `${challenger.model} version ${challenger.version} is champion${champion ? ` in place of version ${champion.version.version}` : ""}, approved by ${actor.name}`,
    details: {
      request: request.number,
      digest: request.digest,
      before: champion?.version.version ?? null,
      after: challenger.version,
    },
  });
  await emit(championChanged, {
    projectId: project.id,
    modelId,
    modelName: challenger.model,
    versionId,
    requestId: request.id,
  });
  await publish("models", modelId);
  await publish("endpoints", modelId);
  return "completed";
}

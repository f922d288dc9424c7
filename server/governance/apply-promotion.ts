import { settleNotices } from "#server/inbox/index.ts";
import { assignAlias, dropAlias, setVersionState } from "#server/registry/index.ts";
import type { VersionDto } from "#server/registry/contract.ts";
import { championChanged } from "./events.ts";
import { makeOthersStale } from "./make-others-stale.ts";
import type { RequestRow } from "./request-parts.ts";
import { noticeKey } from "./void-approvals.ts";
import type { WriteContext } from "./write-context.ts";

interface Application extends WriteContext {
  readonly request: RequestRow;
  readonly challenger: VersionDto;
  /** How it came to be champion, for the audit trail: "approved by Bob". */
  readonly how: string;
}

/**
 * Makes the approved version champion, in the transaction of the last approval or of the rollout's end, if the champion is still the one that the evidence speaks of; otherwise
 * the request goes stale. Other open requests of the model were compared with the old champion and go stale too. Returns the request's new status.
 */
export async function applyPromotion({
  db,
  project,
  request,
  challenger,
  how,
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
  await makeOthersStale({ db, project, publish }, { modelId, except: request.id });
  await settleNotices(db, project.id, noticeKey(request.id));
  await audit({
    action: "champion.changed",
    subject: { type: "model-version", id: versionId },
    summary: `${challenger.model} version ${challenger.version} is champion${champion ? ` in place of version ${champion.version.version}` : ""}, ${how}`,
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

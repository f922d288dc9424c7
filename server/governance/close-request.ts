import { settleNotices } from "#server/inbox/index.ts";
import type { Db } from "#server/platform/db.ts";
import { dropAlias, setVersionState } from "#server/registry/index.ts";
import { noticeKey } from "./void-approvals.ts";

/** Ends a request without a promotion: the version is a challenger no longer, and nothing waits in inboxes. */
export async function closeRequest(
  db: Db,
  projectId: string,
  request: { readonly id: string; readonly modelId: string; readonly versionId: string },
  status: "withdrawn" | "rejected",
): Promise<void> {
  await db.promotionRequest.update({ where: { id: request.id }, data: { status, closedAt: new Date() } });
  await dropAlias(db, { modelId: request.modelId, alias: "challenger", versionId: request.versionId });
  await setVersionState(db, request.versionId, status === "rejected" ? "rejected" : "registered");
  await settleNotices(db, projectId, noticeKey(request.id));
}

import { effectiveRole } from "#server/identity/contract.ts";
import type { Db } from "#server/platform/db.ts";
import { announce } from "#server/platform/events.ts";
import type { InboxKind } from "./contract.ts";

interface Notice {
  readonly projectId: string;
  readonly userIds: readonly string[];
  readonly kind: InboxKind;
  readonly title: string;
  readonly body?: string;
  /** Path in the app, e.g. /p/flight-delays/reviews/3. */
  readonly href: string;
  /** One item per person and key: a repetition brings the item back as new instead of adding another. */
  readonly dedupKey: string;
}

/** Puts a notice into people's inboxes, in the caller's transaction. */
export async function notify(tx: Db, notice: Notice): Promise<void> {
  for (const userId of new Set(notice.userIds)) {
    const { projectId, kind, title, href, dedupKey } = notice;
    const data = { projectId, kind, title, href, body: notice.body ?? "" };
    const item = await tx.inboxItem.upsert({
      where: { userId_dedupKey: { userId, dedupKey } },
      create: { ...data, userId, dedupKey },
      update: { ...data, createdAt: new Date(), readAt: null, doneAt: null },
      select: { id: true },
    });
    await announce(tx, { projectId, topic: "inbox", id: item.id, userId });
  }
}

/** Marks the items of a cause as done for everyone: it no longer waits for anybody. */
export async function settleNotices(tx: Db, projectId: string, dedupKey: string): Promise<void> {
  const { count } = await tx.inboxItem.updateMany({
    where: { projectId, dedupKey, doneAt: null },
    data: { doneAt: new Date() },
  });
  if (count > 0) await announce(tx, { projectId, topic: "inbox", id: dedupKey });
}

/** The people of a project who hold one of the roles now, for notices. */
export async function peopleWithRole(
  db: Db,
  projectId: string,
  roles: readonly string[],
): Promise<{ id: string; name: string }[]> {
  const rows = await db.membership.findMany({
    where: { projectId, role: { in: [...roles] } },
    select: { user: { select: { id: true, name: true, platformRoles: true } }, role: true },
  });
  return rows
    .filter((row) => roles.includes(effectiveRole(row.role, row.user.platformRoles) ?? ""))
    .map((row) => ({ id: row.user.id, name: row.user.name }));
}

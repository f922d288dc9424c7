import { z } from "zod";
import { AppError } from "#server/kernel/errors.ts";
import { definePlatformUseCase } from "#server/identity/index.ts";
import type { InboxItemDto } from "./contract.ts";

/** The actor's own inbox, newest first; `state` chooses what waits, what is done, or both. */
export const listInbox = definePlatformUseCase({
  name: "inbox.list-items",
  scope: "self",
  effect: "read",
  input: z.object({
    state: z.enum(["open", "done", "all"]).default("open"),
    limit: z.coerce.number().int().min(1).max(500).default(200),
  }),
  async run({ input, actor, db }): Promise<{ items: InboxItemDto[]; unread: number }> {
    const userId = actor.userId ?? "00000000-0000-0000-0000-000000000000";
    const where = {
      userId,
      ...(input.state === "all" ? {} : { doneAt: input.state === "open" ? null : { not: null } }),
    };
    const [rows, unread] = await Promise.all([
      db.inboxItem.findMany({
        where,
        include: { project: { select: { slug: true, name: true } } },
        orderBy: { createdAt: "desc" },
        take: input.limit,
      }),
      db.inboxItem.count({ where: { userId, readAt: null, doneAt: null } }),
    ]);
    const items = rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      title: row.title,
      body: row.body,
      href: row.href,
      project: row.project,
      createdAt: row.createdAt.toISOString(),
      readAt: row.readAt?.toISOString() ?? null,
      doneAt: row.doneAt?.toISOString() ?? null,
    }));
    return { items, unread };
  },
});

/** Marks one's own items as read, done or open again. */
export const markInbox = definePlatformUseCase({
  name: "inbox.mark-items",
  scope: "self",
  effect: "write",
  unaudited: "whether a person has read a notice is their own affair and changes nothing for others",
  input: z.object({ ids: z.array(z.uuid()).min(1).max(500), as: z.enum(["read", "done", "open"]) }),
  async run({ input, actor, db, publish }) {
    if (!actor.userId) throw new AppError("forbidden", "Only a person has an inbox.");
    const now = new Date();
    const data = { read: { readAt: now }, done: { readAt: now, doneAt: now }, open: { doneAt: null } }[input.as];
    const { count } = await db.inboxItem.updateMany({ where: { id: { in: input.ids }, userId: actor.userId }, data });
    await publish("inbox", input.ids[0] ?? "", { userId: actor.userId });
    return { changed: count };
  },
});

import type { z } from "zod";
import { containing } from "#server/platform/containing.ts";
import type { Db, Prisma } from "#server/platform/db.ts";
import { type AuditPage, AuditQuery } from "./contract.ts";
import { defineUseCase } from "./use-case.ts";

/** One page of the events within `where`, newest first. For reads that have decided what the reader may see. */
export async function readAuditEvents(
  db: Db,
  where: Prisma.AuditEventWhereInput,
  input: z.infer<typeof AuditQuery>,
): Promise<AuditPage> {
  const rows = await db.auditEvent.findMany({
    where: {
      ...where,
      ...(input.action ? { action: { startsWith: input.action } } : {}),
      ...(input.actor ? { actorName: containing(input.actor) } : {}),
      ...(input.subjectType ? { subjectType: input.subjectType } : {}),
      ...(input.subjectId ? { subjectId: input.subjectId } : {}),
      ...(input.query ? { summary: containing(input.query) } : {}),
      ...(input.before ? { id: { lt: BigInt(input.before) } } : {}),
    },
    orderBy: { id: "desc" },
    take: input.limit + 1,
  });
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  return {
    events: page.map(({ id, at, actorId: _actorId, ...event }) => ({ ...event, id: String(id), at: at.toISOString() })),
    next: rows.length > input.limit && last ? String(last.id) : null,
  };
}

/** The audit trail of one project, newest first. */
export const listAuditEvents = defineUseCase({
  name: "identity.list-audit-events",
  scope: "audit:read",
  effect: "read",
  input: AuditQuery,
  run: ({ input, project, db }) => readAuditEvents(db, { projectId: project.id }, input),
});

import { z } from "zod";
import type { Db, Prisma } from "#server/platform/db.ts";
import { definePlatformUseCase, defineUseCase } from "./use-case.ts";

export const AuditQuery = z.object({
  action: z.string().optional(),
  actor: z.string().optional(),
  subjectType: z.string().optional(),
  subjectId: z.string().optional(),
  query: z.string().optional(),
  /** The id of the last event of the page before. */
  before: z.string().regex(/^\d+$/).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

export interface AuditEventDto {
  readonly id: string;
  readonly at: string;
  readonly actorKind: string;
  readonly actorName: string;
  readonly projectId: string | null;
  readonly action: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly summary: string;
  readonly details: unknown;
  readonly requestId: string;
}
export interface AuditPage {
  readonly events: readonly AuditEventDto[];
  /** Hand it back as `before` for the next page; null at the end. */
  readonly next: string | null;
}

async function read(db: Db, where: Prisma.AuditEventWhereInput, input: z.infer<typeof AuditQuery>): Promise<AuditPage> {
  const rows = await db.auditEvent.findMany({
    where: {
      ...where,
      ...(input.action ? { action: { startsWith: input.action } } : {}),
      ...(input.actor ? { actorName: { contains: input.actor, mode: "insensitive" } } : {}),
      ...(input.subjectType ? { subjectType: input.subjectType } : {}),
      ...(input.subjectId ? { subjectId: input.subjectId } : {}),
      ...(input.query ? { summary: { contains: input.query, mode: "insensitive" } } : {}),
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
  run: ({ input, project, db }) => read(db, { projectId: project.id }, input),
});

/** The audit trail of the whole platform, for administrators. */
export const listPlatformAuditEvents = definePlatformUseCase({
  name: "identity.list-platform-audit-events",
  scope: "platform:audit",
  effect: "read",
  input: AuditQuery,
  run: ({ input, db }) => read(db, {}, input),
});

import type { Db, Prisma } from "./db.ts";

export interface AuditEntry {
  /** "domain.past-participle", e.g. "promotion.approved". */
  readonly action: string;
  readonly subject: { readonly type: string; readonly id: string };
  /** One sentence in plain words, readable years later without the objects it names. */
  readonly summary: string;
  readonly details?: Prisma.InputJsonObject;
}

export interface AuditActor {
  readonly kind: string;
  readonly userId: string | null;
  readonly name: string;
  readonly requestId: string;
}

/** The columns of an event, for a statement that writes one beside what it tells of. */
export const AUDIT_COLUMNS =
  "actor_kind, actor_id, actor_name, project_id, action, subject_type, subject_id, summary, details, request_id";

/** Writes one event in the caller's transaction: the change and its record stand or fall together. */
export async function writeAudit(
  tx: Db,
  actor: AuditActor,
  projectId: string | null,
  entry: AuditEntry,
): Promise<void> {
  await tx.auditEvent.create({
    data: {
      actorKind: actor.kind,
      actorId: actor.userId,
      actorName: actor.name,
      projectId,
      action: entry.action,
      subjectType: entry.subject.type,
      subjectId: entry.subject.id,
      summary: entry.summary,
      details: entry.details ?? {},
      requestId: actor.requestId,
    },
  });
}

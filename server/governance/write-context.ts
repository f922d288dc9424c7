import type { z } from "zod";
import type { Actor, ProjectRef } from "#server/identity/index.ts";
import type { AuditEntry } from "#server/platform/audit.ts";
import type { Db } from "#server/platform/db.ts";
import type { DomainEvent } from "#server/platform/jobs.ts";

/** What a part of a write needs of the use case in whose transaction it happens. */
export interface WriteContext {
  readonly db: Db;
  readonly project: ProjectRef;
  readonly actor: Actor;
  readonly audit: (entry: AuditEntry) => Promise<void>;
  readonly publish: (topic: string, id: string) => Promise<void>;
  readonly emit: <S extends z.ZodType>(event: DomainEvent<S>, payload: z.input<S>) => Promise<void>;
}

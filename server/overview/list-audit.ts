import { definePlatformUseCase, readAuditEvents } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Prisma } from "#server/platform/db.ts";
import { type AuditTrailPage, AuditTrailQuery } from "./contract.ts";
import { holdsOnPlatform } from "./platform-scopes.ts";
import { holding, projectsOf } from "./projects-of.ts";

/**
 * The audit trail, newest first: of the whole platform for administrators, of the projects in which they hold audit:read for others.
 * Errors: not_found for a project whose trail the reader may not see.
 */
export const listAudit = definePlatformUseCase({
  name: "overview.list-audit",
  scope: "self",
  effect: "read",
  input: AuditTrailQuery,
  async run({ input, actor, db }): Promise<AuditTrailPage> {
    const readable = holding(await projectsOf(actor), "audit:read");
    const chosen =
      input.project === undefined ? readable : readable.filter((project) => project.slug === input.project);
    if (input.project !== undefined && chosen.length === 0)
      throw new AppError("not_found", `There is no project '${input.project}' whose audit trail you may read.`, {
        field: "project",
        value: input.project,
        remedy: "Choose one of your projects.",
      });
    const everything = input.project === undefined && holdsOnPlatform(actor, "platform:audit");
    const where: Prisma.AuditEventWhereInput = everything
      ? {}
      : { projectId: { in: chosen.map((project) => project.id) } };
    const page = await readAuditEvents(db, where, input);
    const names = new Map(readable.map(({ id, slug, name }) => [id, { slug, name }]));
    return {
      events: page.events.map((event) => ({
        ...event,
        project: event.projectId === null ? null : (names.get(event.projectId) ?? null),
      })),
      next: page.next,
    };
  },
});

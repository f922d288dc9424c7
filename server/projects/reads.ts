import { z } from "zod";
import { definePlatformUseCase, defineUseCase } from "#server/identity/index.ts";
import { effectiveRole, ROLE_SCOPES } from "#server/identity/contract.ts";
import type { ProjectDto } from "./contract.ts";

/** The projects that the actor may see, by name, each with the role and scopes they have in it. */
export const listProjects = definePlatformUseCase({
  name: "projects.list-projects",
  scope: "self",
  effect: "read",
  input: z.object({}),
  async run({ actor, db }): Promise<ProjectDto[]> {
    const rows = await db.project.findMany({
      where: { archivedAt: null },
      include: {
        memberships: {
          where: { userId: actor.userId ?? "00000000-0000-0000-0000-000000000000" },
          select: { role: true },
        },
      },
      orderBy: { name: "asc" },
    });
    return rows.flatMap((row) => {
      const role = effectiveRole(row.memberships[0]?.role ?? null, actor.platformRoles);
      return role ? [dto(row, role, ROLE_SCOPES[role])] : [];
    });
  },
});

/** One project with the actor's role and scopes in it. */
export const getProject = defineUseCase({
  name: "projects.get-project",
  scope: "project:read",
  effect: "read",
  input: z.object({}),
  async run({ project, role, scopes, db }): Promise<ProjectDto> {
    return dto(await db.project.findUniqueOrThrow({ where: { id: project.id } }), role, scopes);
  },
});

function dto(
  row: { id: string; slug: string; name: string; description: string; createdAt: Date },
  role: string,
  scopes: readonly string[],
): ProjectDto {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    description: row.description,
    createdAt: row.createdAt.toISOString(),
    role,
    scopes,
  };
}

import type { Actor } from "#server/identity/index.ts";
import { listProjects } from "#server/projects/index.ts";
import type { Scope } from "#server/identity/contract.ts";
import type { ProjectDto } from "#server/projects/contract.ts";

/** The projects that the actor may see, each with the scopes they hold there; a token narrows them. */
export async function projectsOf(actor: Actor): Promise<ProjectDto[]> {
  const projects = await listProjects(actor, {});
  const { token } = actor;
  if (!token) return projects;
  const granted: readonly string[] = token.scopes;
  return projects.map((project) => ({ ...project, scopes: project.scopes.filter((scope) => granted.includes(scope)) }));
}

/** Those in which the actor holds a scope. */
export function holding(projects: readonly ProjectDto[], scope: Scope): ProjectDto[] {
  return projects.filter((project) => project.scopes.includes(scope));
}

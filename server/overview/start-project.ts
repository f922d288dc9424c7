import { createRepository } from "#server/code/index.ts";
import type { Actor } from "#server/identity/index.ts";
import { prisma } from "#server/platform/db.ts";
import { createProject } from "#server/projects/index.ts";

/** Creates a project with its Git repository, in which a README is the first commit. Errors as `createProject`. */
export const startProject: typeof createProject = Object.assign(
  async (actor: Actor, input: Parameters<typeof createProject>[1]) => {
    const project = await createProject(actor, input);
    const user = actor.userId ? await prisma().user.findUnique({ where: { id: actor.userId } }) : null;
    await createRepository(project.id, input.name, { name: actor.name, email: user?.email ?? "" });
    return project;
  },
  { info: createProject.info },
);

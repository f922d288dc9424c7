import { AppError } from "#server/kernel/errors.ts";
import { definePlatformUseCase } from "#server/identity/index.ts";
import { CreateProjectInput } from "./contract.ts";

/**
 * Creates an empty project. A person who creates one becomes its scientist, or its maintainer if they are an administrator; the platform (the seed)
 * stays outside. Errors: conflict when the short name is taken.
 */
export const createProject = definePlatformUseCase({
  name: "projects.create-project",
  scope: "project:create",
  effect: "write",
  input: CreateProjectInput,
  async run({ input, actor, db, audit, publish }) {
    if (await db.project.findUnique({ where: { slug: input.slug }, select: { id: true } }))
      throw new AppError("conflict", `The short name '${input.slug}' is taken.`, {
        field: "slug",
        value: input.slug,
        remedy: "Choose another short name.",
      });
    const project = await db.project.create({ data: { ...input, createdBy: actor.userId } });
    await db.experiment.create({ data: { projectId: project.id, number: 0, name: "Default" } });
    if (actor.userId)
      await db.membership.create({
        data: {
          projectId: project.id,
          userId: actor.userId,
          role: actor.platformRoles.includes("scientist") ? "scientist" : "maintainer",
        },
      });
    await audit(
      {
        action: "project.created",
        subject: { type: "project", id: project.id },
        summary: `${actor.name} created the project ${input.name}`,
      },
      project.id,
    );
    await publish("projects", project.id, { projectId: project.id });
    return { id: project.id, slug: project.slug };
  },
});

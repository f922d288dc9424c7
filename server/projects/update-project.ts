import { defineUseCase } from "#server/identity/index.ts";
import { UpdateProjectInput } from "./contract.ts";

/** Changes the name and description of a project. Its short name is part of addresses and stays. */
export const updateProject = defineUseCase({
  name: "projects.update-project",
  scope: "project:write",
  effect: "write",
  input: UpdateProjectInput,
  async run({ input, actor, project, db, audit, publish }) {
    const before = await db.project.findUniqueOrThrow({
      where: { id: project.id },
      select: { name: true, description: true },
    });
    await db.project.update({ where: { id: project.id }, data: input });
    await audit({
      action: "project.updated",
      subject: { type: "project", id: project.id },
      summary: `${actor.name} changed the description of ${input.name}`,
      details: { before, after: input },
    });
    await publish("projects", project.id);
    return { slug: project.slug };
  },
});

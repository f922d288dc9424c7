import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { CreateDatasetInput } from "./contract.ts";

/** Creates a dataset without versions. Errors: conflict when the name is taken. */
export const createDataset = defineUseCase({
  name: "data.create-dataset",
  scope: "data:write",
  effect: "write",
  input: CreateDatasetInput,
  async run({ input, actor, project, db, audit, publish }) {
    if (
      await db.dataset.findUnique({
        where: { projectId_name: { projectId: project.id, name: input.name } },
        select: { id: true },
      })
    )
      throw new AppError("conflict", `A dataset named '${input.name}' exists.`, {
        field: "name",
        value: input.name,
        remedy: "Upload the file there as a new version, or choose another name.",
      });
    const { acquiredAt, timeColumn, labelColumn, ...rest } = input;
    const { id } = await db.dataset.create({
      data: {
        ...rest,
        projectId: project.id,
        ownerId: actor.userId,
        acquiredAt: acquiredAt ? new Date(acquiredAt) : new Date(),
        timeColumn: timeColumn ?? null,
        labelColumn: labelColumn ?? null,
      },
    });
    await audit({
      action: "dataset.created",
      subject: { type: "dataset", id },
      summary: `${actor.name} created the dataset ${input.name}`,
    });
    await publish("datasets", id);
    return { id, name: input.name };
  },
});

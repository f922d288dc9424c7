import { defineUseCase } from "#server/identity/index.ts";
import { UpdateDatasetInput } from "./contract.ts";
import { findDataset } from "./find-dataset.ts";
import { profileVersion } from "./jobs.ts";

/** Changes what is said of a dataset and what is expected of it. Changed expectations are checked against the newest version at once. */
export const updateDataset = defineUseCase({
  name: "data.update-dataset",
  scope: "data:write",
  effect: "write",
  input: UpdateDatasetInput,
  async run({ input, actor, project, db, audit, publish, enqueue }) {
    const { dataset: name, ...changes } = input;
    const before = await findDataset(db, project.id, name);
    const data = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    await db.dataset.update({ where: { id: before.id }, data });
    const old = Object.fromEntries(Object.keys(data).map((key) => [key, before[key as keyof typeof before]]));
    await audit({
      action: "dataset.updated",
      subject: { type: "dataset", id: before.id },
      summary: `${actor.name} changed ${Object.keys(data).join(", ") || "nothing"} of the dataset ${name}`,
      details: JSON.parse(JSON.stringify({ before: old, after: data })) as object,
    });
    const latest = input.expectations
      ? await db.datasetVersion.findFirst({
          where: { datasetId: before.id },
          orderBy: { version: "desc" },
          select: { id: true },
        })
      : null;
    if (latest) await enqueue(profileVersion, { projectId: project.id, versionId: latest.id });
    await publish("datasets", before.id);
    return { name };
  },
});

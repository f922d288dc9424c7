import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { checkActiveExperiment, experimentByNumber, experimentDto, objectOf, pairsOf } from "./experiment.ts";
import { checkExperimentName, checkExperimentTag } from "./names.ts";

const Numbered = z.object({ number: z.coerce.number().int().min(0) });

/** Renames an experiment. Errors: conflict when the name is taken. */
export const renameExperiment = defineUseCase({
  name: "tracking.rename-experiment",
  scope: "tracking:write",
  effect: "write",
  input: Numbered.extend({ name: z.string() }),
  async run({ input, actor, project, db, audit, publish }) {
    checkExperimentName(input.name);
    const row = await experimentByNumber(db, project.id, input.number);
    if (row.lifecycleStage !== "active")
      throw new AppError("invalid_input", "Cannot rename a non-active experiment.", { field: "experiment_id" });
    const taken = await db.experiment.findFirst({
      where: { projectId: project.id, name: input.name, id: { not: row.id } },
      select: { id: true },
    });
    if (taken)
      throw new AppError("conflict", `Experiment(name=${input.name}) already exists.`, {
        field: "name",
        value: input.name,
        remedy: "Choose another name.",
      });
    const after = await db.experiment.update({
      where: { id: row.id },
      data: { name: input.name, updatedAt: new Date() },
    });
    await audit({
      action: "experiment.renamed",
      subject: { type: "experiment", id: row.id },
      summary: `${actor.name} renamed the experiment ${row.name} to ${after.name}`,
    });
    await publish("runs", row.id);
    return experimentDto(after);
  },
});

/** Sets one tag of an experiment, or removes it when `value` is null. Errors: not_found for a tag that is not there. */
export const tagExperiment = defineUseCase({
  name: "tracking.tag-experiment",
  scope: "tracking:write",
  effect: "write",
  input: Numbered.extend({ key: z.string(), value: z.string().nullable() }),
  async run({ input, actor, project, db, audit, publish }) {
    const { key, value } = input;
    if (value !== null) checkExperimentTag({ key, value });
    const row = await experimentByNumber(db, project.id, input.number);
    checkActiveExperiment(row);
    const tags = objectOf(pairsOf(row.tags));
    if (value === null && !(key in tags))
      throw new AppError("not_found", `No tag with name: ${key} in experiment with id ${row.number}`, { field: "key" });
    // One statement, so that two writers of different tags do not undo each other.
    if (value === null)
      await db.$executeRaw`update experiments set tags = tags - ${key}::text, updated_at = now() where id = ${row.id}::uuid`;
    else
      await db.$executeRaw`
        update experiments set tags = tags || jsonb_build_object(${key}::text, ${value}::text), updated_at = now()
        where id = ${row.id}::uuid`;
    await audit({
      action: value === null ? "experiment.tag-removed" : "experiment.tagged",
      subject: { type: "experiment", id: row.id },
      summary: `${actor.name} ${value === null ? "removed" : "set"} the tag ${key} of the experiment ${row.name}`,
    });
    await publish("runs", row.id);
    return { number: row.number };
  },
});

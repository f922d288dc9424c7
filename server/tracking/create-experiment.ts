import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { experimentDto, objectOf } from "./experiment.ts";
import { checkExperimentName, checkExperimentTag } from "./names.ts";

const Pair = z.object({ key: z.string(), value: z.string() });

/** Creates an experiment and gives it the project's next number. Errors: conflict when the name is taken, even by a deleted one. */
export const createExperiment = defineUseCase({
  name: "tracking.create-experiment",
  scope: "tracking:write",
  effect: "write",
  input: z.object({ name: z.string(), tags: z.array(Pair).default([]) }),
  async run({ input, actor, project, db, audit, publish }) {
    checkExperimentName(input.name);
    input.tags.forEach(checkExperimentTag);
    // Two at once would both take the same number.
    await db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`experiments ${project.id}`}, 0))`;
    const where = { projectId: project.id };
    if (await db.experiment.findFirst({ where: { ...where, name: input.name }, select: { id: true } }))
      throw new AppError("conflict", `Experiment(name=${input.name}) already exists.`, {
        field: "name",
        value: input.name,
        remedy: "Choose another name; a deleted experiment keeps its name until it is restored and renamed.",
      });
    const [last, purged] = await Promise.all([
      db.experiment.aggregate({ where, _max: { number: true } }),
      db.purgedExperiment.aggregate({ where, _max: { number: true } }),
    ]);
    const number = Math.max(last._max.number ?? -1, purged._max.number ?? -1) + 1;
    const row = await db.experiment.create({
      data: { ...where, number, name: input.name, tags: objectOf(input.tags) },
    });
    await audit({
      action: "experiment.created",
      subject: { type: "experiment", id: row.id },
      summary: `${actor.name} created the experiment ${row.name}`,
      details: { number: row.number },
    });
    await publish("runs", row.id);
    return experimentDto(row);
  },
});

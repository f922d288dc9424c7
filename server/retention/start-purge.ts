import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { type PurgeDto, PurgeWanted } from "./contract.ts";
import { runPurge } from "./jobs.ts";
import { planOf } from "./plan-purge.ts";
import { purgeDto } from "./purge-dto.ts";

/** Whoever purges says so in a word: no script does it by a slip. */
const CONFIRMATION = "purge";

/**
 * Removes deleted runs, experiments and models for good: queued, done by a worker. Errors: invalid_input without the confirmation; conflict when there is
 * nothing that may go, naming what keeps it, or while another purge of the project is under way.
 */
export const startPurge = defineUseCase({
  name: "retention.start-purge",
  scope: "tracking:write",
  effect: "write",
  timeoutMs: 60_000,
  input: z.object({
    wanted: PurgeWanted,
    confirm: z.literal(CONFIRMATION, { error: `Send confirm: "${CONFIRMATION}"; what is purged cannot be restored.` }),
  }),
  async run({ input, actor, project, db, audit, publish, enqueue }): Promise<PurgeDto> {
    // Two at once would count the same runs.
    await db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`purge ${project.id}`}, 0))`;
    const under = await db.purge.findFirst({ where: { projectId: project.id, status: { in: ["queued", "running"] } } });
    if (under)
      throw new AppError("conflict", `A purge by ${under.createdByName} is under way.`, {
        field: "wanted",
        remedy: "Wait until it is done.",
      });
    const plan = await planOf(db, project.id, input.wanted);
    if (plan.runs === 0 && plan.models === 0 && plan.experiments === 0)
      throw new AppError(
        "conflict",
        plan.kept[0]
          ? `Nothing may be purged: ${plan.kept[0].name} stays. ${plan.kept[0].why}`
          : "Nothing deleted is meant by this.",
        {
          field: "wanted",
          value: plan.kept.map(({ kind, id, why }) => ({ kind, id, why })),
          remedy: plan.kept[0]
            ? "Delete those model versions first."
            : "Delete runs first: a purge takes what was deleted.",
        },
      );
    const row = await db.purge.create({
      data: {
        projectId: project.id,
        wanted: input.wanted,
        runsTotal: plan.runs,
        createdBy: actor.userId,
        createdByName: actor.name,
      },
    });
    await enqueue(runPurge, { projectId: project.id, purgeId: row.id });
    await audit({
      action: "purge.started",
      subject: { type: "purge", id: row.id },
      summary: `${actor.name} started to purge ${plan.runs} runs, ${plan.models} models and ${plan.experiments} experiments for good`,
      details: { wanted: input.wanted, plan: { ...plan, kept: plan.kept.length } },
    });
    await publish("runs", row.id);
    return purgeDto(row);
  },
});

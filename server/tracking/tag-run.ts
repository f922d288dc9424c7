import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { TAGS } from "./contract.ts";
import { truncate } from "./names.ts";
import { activeRun } from "./run.ts";

const reason = "the tags of a run are its content; its start, end and deletion are audited";

/** Removes one tag of a run. Errors: not_found for the run or the tag. */
export const deleteRunTag = defineUseCase({
  name: "tracking.delete-run-tag",
  scope: "tracking:write",
  effect: "write",
  unaudited: reason,
  input: z.object({ runId: z.string(), key: z.string() }),
  async run({ input: { runId, key }, project, db, publish }) {
    await activeRun(db, project.id, runId);
    const removed = await db.runTag.deleteMany({ where: { runId, key } });
    if (removed.count === 0)
      throw new AppError("not_found", `No tag with name: ${key} in run with id ${runId}`, { field: "key", value: key });
    await publish("runs", runId);
    return { runId };
  },
});

/**
 * Notes a model in the run's tag mlflow.log-model.history, as clients before MLflow 3 did for each model they logged.
 * `model` is the description of the model, a JSON object. Errors: not_found.
 */
export const recordLoggedModel = defineUseCase({
  name: "tracking.record-logged-model",
  scope: "tracking:write",
  effect: "write",
  unaudited: reason,
  input: z.object({ runId: z.string(), model: z.record(z.string(), z.unknown()) }),
  async run({ input: { runId, model }, project, db, publish }) {
    await activeRun(db, project.id, runId);
    const where = { runId_key: { runId, key: TAGS.loggedModels } };
    await db.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`models of ${runId}`}, 0))`;
    const before = await db.runTag.findUnique({ where });
    let history: unknown = [];
    try {
      history = before ? (JSON.parse(before.value) as unknown) : [];
    } catch {
      history = []; // cut at its greatest length by an earlier note
    }
    const value = truncate(JSON.stringify([...(Array.isArray(history) ? (history as unknown[]) : []), model]), 8000);
    await db.runTag.upsert({ where, create: { runId, key: TAGS.loggedModels, value }, update: { value } });
    await publish("runs", runId);
    return { runId };
  },
});

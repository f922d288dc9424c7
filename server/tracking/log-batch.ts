import { defineUseCase } from "#server/identity/index.ts";
import { changeNotice } from "#server/platform/events.ts";
import { isDue } from "./announcements.ts";
import { checkBatch, LogBatchInput } from "./batch.ts";
import { recordBatch } from "./record-batch.ts";

/**
 * Logs metrics, parameters and tags of one run: all or nothing, and the same again changes nothing. A metric's latest value is the greatest by
 * (step, timestamp, value). Errors: not_found for the run or a model; invalid_input in MLflow's words.
 */
export const logBatch = defineUseCase({
  name: "tracking.log-batch",
  scope: "tracking:write",
  effect: "write",
  unaudited: "the measurements of a run are its content; its start, end and deletion are audited",
  oneStatement: true,
  input: LogBatchInput,
  async run({ input, project }) {
    const { runId, single } = input;
    const batch = checkBatch(input);
    const notice = isDue(runId) ? changeNotice({ projectId: project.id, topic: "runs", id: runId }) : null;
    await recordBatch({ projectId: project.id, runId, batch, single, notice });
    return { runId };
  },
});

import { AppError } from "#server/kernel/errors.ts";
import type { LoadedModel, ModelRuntime, ModelSource } from "#server/platform/runtimes.ts";
import { feedsOf, planFeeds } from "./onnx/columns.ts";
import { loadSession } from "./onnx/load.ts";
import { scoreTable, wantedOutputs } from "./onnx/score-table.ts";

async function load(source: ModelSource): Promise<LoadedModel> {
  const { signature } = source;
  const session = await loadSession(source, "thread");
  return {
    scoreTable: (columns, rows) => scoreTable(session, signature, columns, rows),
    timeRows: (columns, rows) =>
      session.time(feedsOf(planFeeds(signature, columns, rows), 0, rows), wantedOutputs(signature), rows),
    release: session.release,
  };
}

/** The runtime that the worker hands to job handlers. ONNX is the one format; a second one would be chosen here by the source's file. */
export const models: ModelRuntime = {
  load,
  scoreTable: async (source, columns, rows) => {
    if (rows === 0) throw new AppError("invalid_input", "There are no rows to score.", { field: "rows" });
    const model = await load(source);
    try {
      return await model.scoreTable(columns, rows);
    } finally {
      await model.release();
    }
  },
};

import { AppError, messageOf } from "#server/kernel/errors.ts";
import type { Columns, LoadedModel, ModelRuntime, ModelSource } from "#server/platform/runtimes.ts";
import { feedsOf, planFeeds } from "./onnx/columns.ts";
import { namedFeeds } from "./onnx/named-feeds.ts";
import { loadSession } from "./load-session.ts";
import { scoreTable, wantedOutputs } from "./onnx/score-table.ts";

/** Loads into a thread or process of its own, whatever the size: jobs score whole tables, and the worker must go on answering meanwhile. */
async function load(source: ModelSource): Promise<LoadedModel> {
  const session = await loadSession(source, "jobs");
  const { signature } = source;
  return {
    scoreTable: (columns: Columns, rows: number) => scoreTable(session, signature, columns, rows),
    timeRows: (columns: Columns, rows: number) =>
      session.time(feedsOf(planFeeds(signature, columns, rows), 0, rows), wantedOutputs(signature), rows),
    release: () => session.release(),
  };
}

/** What workers hand to their jobs for running models, of every runtime. */
export const models: ModelRuntime = {
  load,
  async scoreTable(source, columns, rows) {
    const model = await load(source);
    try {
      return await model.scoreTable(columns, rows);
    } finally {
      await model.release();
    }
  },
  async runRows(source, inputs, rows, outputs) {
    const session = await loadSession(source, "jobs");
    try {
      const answers = await session.run(namedFeeds(source.signature, inputs, rows), outputs);
      return Object.fromEntries(Object.entries(answers).map(([name, { data }]) => [name, data]));
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError("invalid_input", `The model failed on the rows: ${messageOf(cause)}`, {
        field: "model",
        remedy: "Run the exported file on the same rows where it was trained.",
        cause,
      });
    } finally {
      await session.release();
    }
  },
};

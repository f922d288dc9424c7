import { type CsvValue, toCsv } from "#server/kernel/csv.ts";
import { AppError } from "#server/kernel/errors.ts";
import { INFINITE, type RunSummaryDto } from "#server/tracking/contract.ts";
import { getRuns, listRunIds } from "#server/tracking/index.ts";
import { handle } from "./route.ts";

const PAGE = 1000;
/** Beyond this a file is no longer what anybody opens; the API hands out the rest in pages. */
const MOST = 1_000_000;

const FIXED: Readonly<Record<string, (run: RunSummaryDto) => CsvValue>> = {
  name: (run) => run.name,
  status: (run) => run.status,
  started: (run) => new Date(run.startTime),
  ended: (run) => (run.endTime === null ? null : new Date(run.endTime)),
  duration: (run) => (run.endTime === null ? null : (run.endTime - run.startTime) / 1000),
  experiment: (run) => run.experimentName,
  user: (run) => run.createdBy ?? run.userName,
  commit: (run) => run.commit,
  pipeline: (run) =>
    run.pipeline ? `${run.pipeline.name ?? ""} #${run.pipeline.number ?? ""} ${run.pipeline.step}` : null,
  dataset: (run) =>
    run.datasets.length > 0
      ? run.datasets.map((each) => `${each.name} v${each.version}`).join(", ")
      : run.inputs.map((each) => each.name).join(", "),
  parent: (run) => run.parentRunId,
};
/** Names with their unit, where a unit is needed. */
const HEADS: Readonly<Record<string, string>> = { duration: "duration (s)" };

/** A metric as a file says it: full precision, NaN and infinities by name. */
function number(value: number | null | undefined): CsvValue {
  if (value === undefined) return null;
  if (value === null) return "NaN";
  return Math.abs(value) >= INFINITE ? (value > 0 ? "inf" : "-inf") : value;
}

function cell(run: RunSummaryDto, column: string): CsvValue {
  const key = column.slice(column.indexOf(".") + 1);
  if (column.startsWith("metrics.")) return number(run.metrics[key]);
  if (column.startsWith("params.")) return run.params[key];
  if (column.startsWith("tags.")) return run.tags?.[key];
  return FIXED[column]?.(run);
}

/** The columns of a file that mean something. Errors: invalid_input. */
function columnsOf(text = '["name","status","started","duration"]'): string[] {
  let asked: unknown;
  try {
    asked = JSON.parse(text);
  } catch {
    asked = null;
  }
  if (!Array.isArray(asked))
    throw new AppError("invalid_input", "columns: Write a JSON array of column names.", { field: "columns" });
  return asked.filter(
    (column): column is string =>
      typeof column === "string" && (/^(metrics|params|tags)\../s.test(column) || column in FIXED),
  );
}

/**
 * All runs that the query chooses, in its order, as CSV: the id, then the columns named, read and sent by the thousand. Which runs these are is decided at the
 * start; one that is purged meanwhile is left out.
 */
export const runsCsv = handle(async ({ actor, params, request }) => {
  const project = params["project"] ?? "";
  const query = Object.fromEntries(new URL(request.url).searchParams);
  // The ids are read before the answer starts, so that a refusal is a refusal.
  const columns = columnsOf(query["columns"]);
  const { ids } = await listRunIds(actor, project, { ...query, most: MOST });
  const encoder = new TextEncoder();
  let at = 0;
  let isFirst = true;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!isFirst && at >= ids.length) {
        controller.close();
        return;
      }
      const runs = await getRuns(actor, project, { runIds: ids.slice(at, at + PAGE), columns });
      at += PAGE;
      const rows = runs.map((run) => [run.id, ...columns.map((column) => cell(run, column))]);
      const head = ["run", ...columns.map((column) => HEADS[column] ?? column)];
      const text = isFirst ? toCsv(head, rows) : toCsv([], rows).slice(2);
      if (text !== "") controller.enqueue(encoder.encode(isFirst ? text : `\r\n${text}`));
      isFirst = false;
    },
  });
  return new Response(stream, {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": 'attachment; filename="runs.csv"',
      "cache-control": "no-store",
    },
  });
});

import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { copyOut } from "#server/platform/copy.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import { putFile } from "#server/platform/objects.ts";
import { joinFiles, TableWriter } from "#server/platform/table-writer.ts";
import { ExportSpec } from "../contract.ts";
import type { BulkRef } from "../jobs.ts";
import { EXPORTED, ExportColumns } from "./export-columns.ts";
import { type HeldWork, takeWork } from "./held-work.ts";
import { conditionOf, LOGGED_FROM, versionsOf } from "./log-filter.ts";

/** Rows in memory before they go to a file. */
const BLOCK_ROWS = 20_000;
const COUNT_MS = 1_000;
/** How long the file of an export is kept. */
export const EXPORT_DAYS = 7;

/**
 * Writes logged predictions with their outcomes into one file, in the order of their events. What the log does not hold (rows that were not sampled, columns
 * that a rule drops) is not in it. Repeated after a worker's death it begins anew.
 */
export async function runExportJob(
  { workId }: BulkRef,
  { log, signal }: Pick<JobContext, "log" | "signal">,
): Promise<void> {
  const held = await takeWork(workId, log);
  await held?.run(signal, () => writeExport(held));
}

async function writeExport(held: HeldWork): Promise<void> {
  const spec = ExportSpec.parse(held.row.spec);
  const versions = await versionsOf(spec);
  await held.restart(versions.reduce((sum, { rows }) => sum + rows, 0));
  const folder = await mkdtemp(path.join(os.tmpdir(), "touchstone-export-"));
  try {
    const parts = await writeParts(held, spec, new ExportColumns(versions), folder);
    await held.enter("writing");
    const out = path.join(folder, `predictions.${spec.format}`);
    await joinFiles(parts, out, spec.format);
    await held.enter("registering");
    const stored = await putFile(out);
    await held.finish(
      { ...stored, fileName: `${spec.endpoint}-predictions-${held.row.number}.${spec.format}` },
      EXPORT_DAYS,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeParts(held: HeldWork, spec: ExportSpec, columns: ExportColumns, folder: string): Promise<string[]> {
  await using writer = await TableWriter.open(columns.columns);
  const parts: string[] = [];
  let [done, counted] = [0, performance.now()];
  const flush = async () => {
    const { cells, rows } = columns.take();
    await writer.add(cells, rows);
    const file = path.join(folder, `part-${parts.length}.parquet`);
    await writer.write(file);
    parts.push(file);
    done += rows;
    if (performance.now() - counted < COUNT_MS) return;
    await held.count(done);
    counted = performance.now();
  };
  const version =
    spec.version === undefined
      ? ""
      : ` and p.version_id in (select id from model_versions where version = ${spec.version})`;
  await copyOut(
    `select ${EXPORTED} from ${LOGGED_FROM} where ${conditionOf(spec)}${version} order by p.event_time, p.received_at, p.prediction_id`,
    (row) => columns.add(row),
    async () => {
      held.signal.throwIfAborted();
      if (columns.rows >= BLOCK_ROWS) await flush();
    },
  );
  // Also without any row: a file with nothing but its columns is an answer.
  if (columns.rows > 0 || parts.length === 0) await flush();
  await held.count(done);
  return parts;
}

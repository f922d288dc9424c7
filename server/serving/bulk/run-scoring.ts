import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { openVersion } from "#server/data/index.ts";
import type { OpenedVersion } from "#server/data/contract.ts";
import { systemActor } from "#server/identity/index.ts";
import { AppError, isAppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import { localPath } from "#server/platform/objects.ts";
import type { Columns, LoadedModel, ModelRuntime, TableScores } from "#server/platform/runtimes.ts";
import { TableFile } from "#server/platform/table-file.ts";
import { TableWriter, writeBeside } from "#server/platform/table-writer.ts";
import type { ModelSignature } from "#server/registry/contract.ts";
import { getVersionById, sourceOf } from "#server/registry/index.ts";
import { ScoringSpec } from "../contract.ts";
import type { BulkRef } from "../jobs.ts";
import { findBadRow } from "./find-bad-row.ts";
import { type HeldWork, takeWork } from "./held-work.ts";
import { firstWithoutAnswer, predictionCells, predictionColumns, versionColumn } from "./prediction-columns.ts";
import { registerScored } from "./register-scored.ts";
import { checkCells, readAs, type ScoredColumn, scoredColumns, statedTypes } from "./scored-columns.ts";

/** Rows that go to the model together: read, checked and scored while the ones before are kept. */
const BLOCK_ROWS = 8_192;
/** A part is stored when it has so many rows, or when so long has passed since the last: what a dead worker loses. */
const PART_ROWS = 65_536;
const PART_MS = 5_000;

interface Block {
  /** Of the dataset, counted from 0. */
  readonly first: number;
  readonly rows: number;
  readonly columns: Columns;
}

/**
 * Scores the rows of a dataset version from the last whole part on, and registers what came out as a version of the target dataset. Repeated after a
 * worker's death it goes on; nothing is registered before every row has an answer.
 */
export async function runScoringJob(
  { workId }: BulkRef,
  { log, signal, models }: Pick<JobContext, "log" | "signal" | "models">,
): Promise<void> {
  const held = await takeWork(workId, log);
  await held?.run(signal, () => scoreAndRegister(held, models));
}

async function scoreAndRegister(held: HeldWork, models: ModelRuntime): Promise<void> {
  const spec = ScoringSpec.parse(held.row.spec);
  const { projectId } = held.row;
  const version = await getVersionById(systemActor("worker", held.row.id), projectId, { id: spec.modelVersionId });
  const model = await sourceOf(version);
  const { signature } = model;
  const source = await openVersion(prisma(), projectId, spec.datasetVersionId);
  const columns = scoredColumns(signature, source.schema, source.format, spec.features);
  const folder = await mkdtemp(path.join(os.tmpdir(), "touchstone-scoring-"));
  try {
    if (held.row.rowsDone < source.rows) {
      const loaded = await models.load(model);
      try {
        await scoreRows(held, loaded, { signature, source, columns, prefix: spec.prefix, folder });
      } finally {
        await loaded.release();
      }
    }
    await held.enter("writing");
    const out = path.join(folder, "predictions.parquet");
    await joinParts(held, spec, source, out);
    await held.enter("registering");
    await held.finish(await registerScored(held.row, spec, out));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Scoring {
  readonly signature: ModelSignature;
  readonly source: OpenedVersion;
  readonly columns: readonly ScoredColumn[];
  readonly prefix: string;
  readonly folder: string;
}

/** Reads, scores and keeps, block by block: while the model's thread computes one, the one before is written and the next is read. */
async function scoreRows(held: HeldWork, model: LoadedModel, scoring: Scoring): Promise<void> {
  const { signature, source, columns, prefix, folder } = scoring;
  await using table = await TableFile.open(source.path, source.format, statedTypes(source.schema, columns));
  await using writer = await TableWriter.open(predictionColumns(signature, prefix));
  let number = (await held.parts()).length;
  let since = performance.now();
  const store = async () => {
    const file = path.join(folder, `part-${number}.parquet`);
    const { rows } = writer;
    await writer.write(file);
    await held.addPart(number, rows, file);
    await rm(file);
    number += 1;
    since = performance.now();
  };
  const keep = async (block: Block, scores: TableScores) => {
    const missing = firstWithoutAnswer(scores, block.rows);
    if (missing >= 0) throw withoutAnswer(block, missing, columns);
    await writer.add(predictionCells(scores, block.rows), block.rows);
    if (writer.rows >= PART_ROWS || performance.now() - since > PART_MS) await store();
  };
  let keeping: Promise<void> = Promise.resolve();
  try {
    for await (const block of readBlocks(table, columns, held.row.rowsDone)) {
      held.signal.throwIfAborted();
      const scored = score(model, block, columns);
      const before = keeping;
      keeping = scored.then(async (scores) => {
        await before;
        await keep(block, scores);
      });
      // Heard here too: it may fail while the next block is being read.
      keeping.catch(() => undefined);
      await before;
    }
    await keeping;
  } finally {
    await keeping.catch(() => undefined);
  }
  if (writer.rows > 0) await store();
}

/** The rows from `from` on, checked, in blocks. Memory holds two blocks, whatever the table's length. */
async function* readBlocks(table: TableFile, columns: readonly ScoredColumn[], from: number): AsyncGenerator<Block> {
  const cells = columns.map((column, i) => `${readAs(column)} as c${i}`).join(", ");
  let first = from;
  let gathered: unknown[][] = columns.map(() => []);
  const take = (): Block => {
    const rows = gathered[0]?.length ?? 0;
    const block = { first, rows, columns: columnsOf(columns, gathered, first) };
    first += rows;
    gathered = columns.map(() => []);
    return block;
  };
  for await (const chunk of table.chunks(`select ${cells} from data offset ${from}`)) {
    chunk.forEach((values, i) => {
      const mine = gathered[i];
      for (const value of values) mine?.push(value);
    });
    if ((gathered[0]?.length ?? 0) >= BLOCK_ROWS) yield take();
  }
  if ((gathered[0]?.length ?? 0) > 0) yield take();
}

function columnsOf(columns: readonly ScoredColumn[], gathered: readonly unknown[][], first: number): Columns {
  return Object.fromEntries(
    columns.map((column, i) => {
      const values = gathered[i] ?? [];
      const cells =
        column.datatype === "BYTES"
          ? (values as (string | null)[])
          : Float64Array.from(values as (number | null)[], (value) => value ?? Number.NaN);
      checkCells(column, cells, first + 1);
      return [column.key, cells as Float64Array | string[]];
    }),
  );
}

async function score(model: LoadedModel, block: Block, columns: readonly ScoredColumn[]): Promise<TableScores> {
  try {
    return await model.scoreTable(block.columns, block.rows);
  } catch (error) {
    if (!isAppError(error)) throw error;
    const found = await findBadRow(model, block.columns, block.rows);
    if (!found) throw error;
    const row = block.first + found.row + 1;
    const column = columns.find(({ key }) => key === found.key)?.column;
    const value = found.key === null ? null : (block.columns[found.key]?.[found.row] ?? null);
    throw new AppError(
      "invalid_input",
      column === undefined
        ? `Row ${row} cannot be computed: ${error.message}`
        : `Row ${row}, column '${column}': the model does not know ${JSON.stringify(value)}. ${error.message}`,
      {
        field: column ?? "row",
        value: { row, column: column ?? null, value },
        remedy: "Correct the cell, leave the row out, or train a version that knows such values.",
        cause: error,
      },
    );
  }
}

function withoutAnswer(block: Block, at: number, columns: readonly ScoredColumn[]): AppError {
  const row = block.first + at + 1;
  const empty = columns.filter(({ key }) => Number.isNaN(block.columns[key]?.[at])).map(({ column }) => column);
  return new AppError(
    "invalid_input",
    `The model gives no number for row ${row}${empty.length > 0 ? `, where ${empty.map((name) => `'${name}'`).join(", ")} ${empty.length > 1 ? "are" : "is"} empty` : ""}.`,
    {
      field: empty[0] ?? "row",
      value: { row, column: empty[0] ?? null, value: null },
      remedy: "Fill the empty cells, leave the row out, or train a version that copes with missing values.",
    },
  );
}

async function joinParts(held: HeldWork, spec: ScoringSpec, source: OpenedVersion, out: string): Promise<void> {
  const parts = await held.parts();
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (rows !== source.rows) throw new Error(`${rows} rows are scored of ${source.rows}`);
  const written = await writeBeside({
    base: source,
    keep: spec.keep,
    parts: await Promise.all(parts.map(({ sha256 }) => localPath(sha256))),
    constants: { [versionColumn(spec.prefix)]: spec.version },
    out,
  });
  if (written !== rows) throw new Error(`${written} rows were written of ${rows}`);
}

import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { localPath } from "#server/platform/objects.ts";
import { isNumeric, quoted, type TableColumn, TableFile } from "#server/platform/table-file.ts";
import { rootOfOwner } from "./artifact-owner.ts";
import { artifactPath } from "./artifact-path.ts";
import { InspectPredictionsInput, type PredictionsFileDto } from "./evaluations-contract.ts";
import { guessColumns } from "./guess-columns.ts";
import { MOST_CLASSES, sortClasses, tableFormatOf } from "./predictions-table.ts";

/** Files of one run that are read at most, and columns of one file that are looked at. */
const MOST_COLUMNS = 300;

/** The hash of a run's file that may be evaluated. Errors: not_found; invalid_input when it is no table. */
export async function predictionsFile(
  db: Db,
  projectId: string,
  runId: string,
  artifact: string,
): Promise<{ path: string; sha256: string; format: "csv" | "parquet" }> {
  const root = await rootOfOwner(db, projectId, { kind: "run", id: runId });
  const path = artifactPath(artifact);
  const found = await db.artifact.findUnique({ where: { projectId_root_path: { projectId, root, path } } });
  if (!found)
    throw new AppError("not_found", `The run has no file '${artifact}'.`, {
      field: "artifact",
      value: artifact,
      remedy: "List the run's artifacts to see what there is.",
    });
  const format = tableFormatOf(path);
  if (!format)
    throw new AppError("invalid_input", `'${artifact}' is no table of predictions.`, {
      field: "artifact",
      value: artifact,
      remedy: "Log the predictions as a .csv or .parquet file.",
    });
  return { path, sha256: found.sha256, format };
}

function kindOf(column: TableColumn): PredictionsFileDto["columns"][number]["kind"] {
  if (column.type === "BOOLEAN") return "boolean";
  if (isNumeric(column.type)) return "number";
  return column.type === "VARCHAR" || column.type.startsWith("ENUM") ? "text" : "other";
}

/** Looks into a file: its columns, their few distinct values, and what they seem to mean. Errors: invalid_input for an unreadable file. */
export async function inspectTable(file: {
  path: string;
  sha256: string;
  format: "csv" | "parquet";
}): Promise<PredictionsFileDto> {
  await using table = await TableFile.open(await localPath(file.sha256), file.format);
  const columns = (await table.columns()).slice(0, MOST_COLUMNS);
  const counts = columns.map((column, i) => `approx_count_distinct(${quoted(column.name)})::double as c${i}`);
  const [row] = await table.rows(`select count(*)::double as n, ${counts.join(", ")} from data`);
  const described: PredictionsFileDto["columns"][number][] = [];
  for (const [i, column] of columns.entries()) {
    const kind = kindOf(column);
    // The count is an estimate; whoever seems to be near the limit is counted.
    const few = Number(row?.[`c${i}`] ?? 0) <= MOST_CLASSES * 1.2;
    const texts = few && kind !== "other" ? await distinctTexts(table, column) : null;
    described.push({ name: column.name, kind, distinct: texts });
  }
  return {
    artifact: file.path,
    sha256: file.sha256,
    rows: Number(row?.["n"] ?? 0),
    columns: described,
    ...guessColumns(described),
  };
}

async function distinctTexts(table: TableFile, column: TableColumn): Promise<string[] | null> {
  const name = quoted(column.name);
  const value = isNumeric(column.type) && column.type !== "BOOLEAN" ? `${name}::double` : `${name}::varchar`;
  const rows = await table.rows(
    `select distinct ${value} as v from data where ${name} is not null limit ${MOST_CLASSES + 1}`,
  );
  if (rows.length > MOST_CLASSES) return null;
  return sortClasses(rows.map(({ v }) => (typeof v === "string" ? v : String(Number(v)))));
}

/** What a file of a run holds, and which of its columns seem to be label, prediction, probabilities and segments. Errors: not_found; invalid_input. */
export const inspectPredictions = defineUseCase({
  name: "tracking.inspect-predictions",
  scope: "tracking:read",
  effect: "read",
  input: InspectPredictionsInput,
  async run({ input, project, db }): Promise<PredictionsFileDto> {
    return await inspectTable(await predictionsFile(db, project.id, input.runId, input.artifact));
  },
});

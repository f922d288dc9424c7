import type { Db } from "#server/platform/db.ts";
import { localPath } from "#server/platform/objects.ts";
import { ColumnSchema, type OpenedVersion } from "./contract.ts";
import { findVersion } from "./find-dataset.ts";
import { tableFormat } from "./table-format.ts";

/**
 * Resolves "flights", "flights@3" or a version's id to the pinned version and a local, read-only file with its bytes. For code that already acts within
 * the project (pipelines, checks, monitors). Errors: invalid_input, not_found.
 */
export async function openVersion(db: Db, projectId: string, reference: string): Promise<OpenedVersion> {
  const found = await findVersion(db, projectId, reference);
  return {
    id: found.id,
    projectId,
    datasetId: found.datasetId,
    name: found.dataset.name,
    version: found.version,
    sha256: found.sha256,
    format: tableFormat(found.format),
    rows: Number(found.rows),
    schema: ColumnSchema.array().parse(found.schema),
    timeColumn: found.dataset.timeColumn,
    labelColumn: found.dataset.labelColumn,
    path: await localPath(found.sha256),
  };
}

import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { type ExportDto, ExportResult, ExportSpec } from "../contract.ts";
import { findEndpoint } from "../find-endpoint.ts";
import { type BulkRow, progressOf } from "./progress.ts";

export function exportDto(row: BulkRow): ExportDto {
  const { endpointId: _, ...spec } = ExportSpec.parse(row.spec);
  return {
    ...progressOf(row),
    ...spec,
    sizeBytes: row.result === null ? null : ExportResult.parse(row.result).sizeBytes,
    expiresAt: row.result === null ? null : (row.expiresAt?.toISOString() ?? null),
  };
}

async function findExport(db: Db, projectId: string, number: number): Promise<BulkRow> {
  const row = await db.bulkWork.findUnique({ where: { projectId_kind_number: { projectId, kind: "export", number } } });
  if (row) return row;
  throw new AppError("not_found", `There is no export ${number} in this project.`, { field: "number", value: number });
}

/** The exports of an endpoint's predictions, newest first. */
export const listExports = defineUseCase({
  name: "serving.list-exports",
  scope: "serving:log",
  effect: "read",
  input: z.object({ name: z.string(), limit: z.coerce.number().int().min(1).max(100).default(20) }),
  async run({ input, project, db }): Promise<{ exports: ExportDto[] }> {
    const endpoint = await findEndpoint(db, project.id, input.name);
    const rows = await db.bulkWork.findMany({
      where: { projectId: project.id, kind: "export", endpointId: endpoint.id },
      orderBy: { number: "desc" },
      take: input.limit,
    });
    return { exports: rows.map(exportDto) };
  },
});

/** One export with how far it is. Errors: not_found. */
export const getExport = defineUseCase({
  name: "serving.get-export",
  scope: "serving:log",
  effect: "read",
  input: z.object({ number: z.coerce.number().int().min(1) }),
  run: async ({ input, project, db }): Promise<ExportDto> => exportDto(await findExport(db, project.id, input.number)),
});

/** Where the file of an export is, for a download, which is audited: it takes logged rows out of the platform. Errors: conflict while there is none. */
export const locateExport = defineUseCase({
  name: "serving.locate-export",
  scope: "serving:log",
  effect: "write",
  input: z.object({ number: z.coerce.number().int().min(1) }),
  async run({ input, actor, project, db, audit }): Promise<{ sha256: string; fileName: string; sizeBytes: number }> {
    const row = await findExport(db, project.id, input.number);
    if (row.result === null)
      throw new AppError(
        "conflict",
        row.status === "done" ? "The file was removed after its time." : `The export is ${row.status}.`,
        {
          field: "number",
          value: input.number,
          remedy:
            row.status === "queued" || row.status === "running" ? "Wait until it is done." : "Start the export again.",
        },
      );
    const result = ExportResult.parse(row.result);
    await audit({
      action: "log-export.downloaded",
      subject: { type: "log-export", id: row.id },
      summary: `${actor.name} downloaded export ${row.number} of predictions`,
      details: { rows: Number(row.rowsDone), sha256: result.sha256 },
    });
    return result;
  },
});

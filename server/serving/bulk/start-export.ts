import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { type ExportDto, type ExportSpec, StartExportInput } from "../contract.ts";
import { findEndpoint } from "../find-endpoint.ts";
import { runExport } from "../jobs.ts";
import { exportDto } from "./export-reads.ts";
import { nextNumber } from "./next-number.ts";

/**
 * Starts to write an endpoint's logged predictions with their outcomes into one Parquet or CSV file; a worker does it. Errors: not_found; invalid_input for
 * a time span that holds nothing.
 */
export const startExport = defineUseCase({
  name: "serving.start-export",
  scope: "serving:log",
  effect: "write",
  input: StartExportInput,
  async run({ input, actor, project, db, audit, enqueue, publish }): Promise<ExportDto> {
    const { name, format, ...filter } = input;
    const endpoint = await findEndpoint(db, project.id, name);
    if (filter.from !== undefined && filter.to !== undefined && Date.parse(filter.from) >= Date.parse(filter.to))
      throw new AppError("invalid_input", "The time span ends before it begins.", {
        field: "to",
        value: filter.to,
        remedy: "Choose a later end; it is not included.",
      });
    const spec: ExportSpec = {
      ...filter,
      endpoint: endpoint.name,
      endpointId: endpoint.id,
      format,
      receivedBefore: new Date().toISOString(),
    };
    const row = await db.bulkWork.create({
      data: {
        projectId: project.id,
        kind: "export",
        number: await nextNumber(db, project.id, "export"),
        spec,
        endpointId: endpoint.id,
        rowsTotal: 0n,
        createdBy: actor.userId,
        createdByName: actor.name,
      },
    });
    await enqueue(runExport, { projectId: project.id, workId: row.id });
    await audit({
      action: "log-export.started",
      subject: { type: "log-export", id: row.id },
      summary: `${actor.name} started to export logged predictions of ${endpoint.name} as ${format}`,
      details: spec,
    });
    await publish("bulk", row.id);
    return exportDto(row);
  },
});

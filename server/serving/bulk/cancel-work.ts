import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { ExportDto, ScoringDto } from "../contract.ts";
import { exportDto } from "./export-reads.ts";
import { scoringDto } from "./scoring-reads.ts";
import type { BulkRow } from "./progress.ts";
import type { Db } from "#server/platform/db.ts";

const OfNumber = z.object({ number: z.coerce.number().int().min(1) });

/** Asks for the end of work: at once where no worker has it, else within about a second. Errors: not_found; conflict when it has ended already. */
async function cancel(
  db: Db,
  projectId: string,
  kind: "scoring" | "export",
  number: number,
  by: string,
): Promise<BulkRow> {
  const where = { projectId_kind_number: { projectId, kind, number } };
  const found = await db.bulkWork.findUnique({ where });
  if (!found)
    throw new AppError(
      "not_found",
      `There is no ${kind === "scoring" ? "batch scoring" : "export"} ${number} in this project.`,
      {
        field: "number",
        value: number,
      },
    );
  const rows = await db.$queryRaw<{ id: string }[]>`
    update bulk_works set cancel_requested_at = now(), cancelled_by = ${by},
      status = case when lease_until > now() then status else 'cancelled' end,
      finished_at = case when lease_until > now() then null else now() end
    where id = ${found.id}::uuid and status in ('queued', 'running') and phase <> 'registering' and cancel_requested_at is null
    returning id::text`;
  if (rows.length === 0)
    throw new AppError("conflict", refusalOf(found), {
      field: "number",
      value: number,
      remedy: "There is nothing left to cancel.",
    });
  return await db.bulkWork.findUniqueOrThrow({ where });
}

function refusalOf({ status, cancelRequestedAt }: BulkRow): string {
  if (status !== "queued" && status !== "running") return `It is ${status} already.`;
  return cancelRequestedAt ? "It is being cancelled already." : "All rows are done, and what came out is being stored.";
}

/** Cancels a batch scoring; nothing of it is registered. */
export const cancelScoring = defineUseCase({
  name: "serving.cancel-scoring",
  scope: "serving:predict",
  effect: "write",
  input: OfNumber,
  async run({ input, actor, project, db, audit, publish }): Promise<ScoringDto> {
    const row = await cancel(db, project.id, "scoring", input.number, actor.name);
    await audit({
      action: "scoring.cancelled",
      subject: { type: "scoring", id: row.id },
      summary: `${actor.name} cancelled batch scoring ${row.number} after ${row.rowsDone} of ${row.rowsTotal} rows`,
    });
    await publish("bulk", row.id);
    return scoringDto(row);
  },
});

/** Cancels an export of the prediction log. */
export const cancelExport = defineUseCase({
  name: "serving.cancel-export",
  scope: "serving:log",
  effect: "write",
  input: OfNumber,
  async run({ input, actor, project, db, audit, publish }): Promise<ExportDto> {
    const row = await cancel(db, project.id, "export", input.number, actor.name);
    await audit({
      action: "log-export.cancelled",
      subject: { type: "log-export", id: row.id },
      summary: `${actor.name} cancelled export ${row.number} of predictions`,
    });
    await publish("bulk", row.id);
    return exportDto(row);
  },
});

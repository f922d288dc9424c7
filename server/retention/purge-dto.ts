import { z } from "zod";
import type { Db } from "#server/platform/db.ts";
import type { KeptDto, PurgeDto } from "./contract.ts";

type Row = NonNullable<Awaited<ReturnType<Db["purge"]["findUnique"]>>>;

const Kept = z.array(
  z.object({ kind: z.enum(["run", "model", "experiment"]), id: z.string(), name: z.string(), why: z.string() }),
);

/** What a stored purge left alone. */
export function keptOf(row: Pick<Row, "kept">): KeptDto[] {
  return Kept.parse(row.kept);
}

export function purgeDto(row: Row): PurgeDto {
  return {
    id: row.id,
    status: z.enum(["queued", "running", "done", "failed"]).parse(row.status),
    error: row.error,
    runsTotal: row.runsTotal,
    runs: row.runs,
    models: row.models,
    experiments: row.experiments,
    points: Number(row.points),
    files: Number(row.files),
    bytes: Number(row.bytes),
    bytesFreed: Number(row.bytesFreed),
    kept: keptOf(row),
    createdBy: row.createdByName,
    createdAt: row.createdAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
  };
}

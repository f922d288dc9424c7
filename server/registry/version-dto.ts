import { z } from "zod";
import type { Db } from "#server/platform/db.ts";
import {
  goldenReasons,
  GoldenSummary,
  ModelSignature,
  Tags,
  type VersionDto,
  VersionRuntime,
  VersionState,
} from "./contract.ts";
import type { findVersionById } from "./find-version.ts";

type Row = Awaited<ReturnType<typeof findVersionById>>;
const Numbers = z.record(z.string(), z.number());

/** DTOs of versions with the names of what they come from, in the order given, by three queries whatever their number. */
export async function versionDtos(db: Db, rows: readonly Row[]): Promise<VersionDto[]> {
  const ids = (pick: (row: Row) => string | null): string[] => [...new Set(rows.flatMap((row) => pick(row) ?? []))];
  const [users, runs, datasets] = await Promise.all([
    db.user.findMany({ where: { id: { in: ids((r) => r.createdBy) } }, select: { id: true, name: true } }),
    db.pipelineRun.findMany({
      where: { id: { in: ids((r) => r.pipelineRunId) } },
      select: { id: true, number: true, pipeline: true },
    }),
    db.datasetVersion.findMany({
      where: { id: { in: ids((r) => r.datasetVersionId) } },
      select: { id: true, version: true, sha256: true, dataset: { select: { name: true } } },
    }),
  ]);
  const userById = new Map(users.map((user) => [user.id, user.name]));
  const runById = new Map(runs.map((run) => [run.id, run]));
  const datasetById = new Map(
    datasets.map((d) => [d.id, { versionId: d.id, name: d.dataset.name, version: d.version, sha256: d.sha256 }]),
  );
  return rows.map((row) => {
    const golden = row.goldenCheck === null ? null : GoldenSummary.parse(row.goldenCheck);
    return {
      id: row.id,
      modelId: row.modelId,
      model: row.model.name,
      version: row.version,
      state: VersionState.parse(row.state),
      aliases: row.aliases.map((alias) => alias.alias).sort(),
      description: row.description,
      tags: Tags.parse(row.tags),
      source: row.source,
      runId: row.runId,
      loggedModelId: row.loggedModelId,
      commit: row.commit,
      pipelineRun: row.pipelineRunId ? (runById.get(row.pipelineRunId) ?? null) : null,
      dataset: row.datasetVersionId ? (datasetById.get(row.datasetVersionId) ?? null) : null,
      sha256: row.sha256,
      sizeBytes: row.sizeBytes === null ? null : Number(row.sizeBytes),
      signature: row.signature === null ? null : ModelSignature.parse(row.signature),
      metrics: Numbers.parse(row.metrics),
      runtime: row.runtime === null ? null : VersionRuntime.parse(row.runtime),
      golden,
      incomplete: [...row.incomplete, ...goldenReasons(golden)],
      createdBy: row.createdBy ? (userById.get(row.createdBy) ?? null) : null,
      createdById: row.createdBy,
      createdAt: row.createdAt.toISOString(),
      updatedAt: row.updatedAt.toISOString(),
    };
  });
}

/** The DTO of one version. */
export async function versionDto(db: Db, row: Row): Promise<VersionDto> {
  const [dto] = await versionDtos(db, [row]);
  if (!dto) throw new Error("unreachable: one row gives one DTO");
  return dto;
}

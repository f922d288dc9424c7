import { addVersion } from "#server/data/index.ts";
import { type Actor, systemActor } from "#server/identity/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import type { ScoringResult, ScoringSpec } from "../contract.ts";
import type { WorkRow } from "./held-work.ts";

/** The person who asked for it, acting through the worker. */
function actorOf(work: WorkRow): Actor {
  return { ...systemActor(`${work.createdByName} (batch scoring ${work.number})`, work.id), userId: work.createdBy };
}

/**
 * Makes the scored file the next version of the target dataset, with where it comes from. A worker that died after this finds the version and adds no
 * second; predictions that are byte for byte the newest version add none either.
 */
export async function registerScored(work: WorkRow, spec: ScoringSpec, file: string): Promise<ScoringResult> {
  const made = await prisma().datasetVersion.findFirst({
    where: { projectId: work.projectId, origin: { path: ["workId"], equals: work.id } },
    include: { dataset: { select: { name: true } } },
  });
  if (made) return resultOf(made, false);
  const model = `${spec.model} version ${spec.version}`;
  const from = `${spec.dataset} version ${spec.datasetVersion}`;
  try {
    const added = await addVersion(actorOf(work), work.projectId, {
      dataset: spec.into,
      filePath: file,
      format: "parquet",
      fileName: `${spec.into}.parquet`,
      origin: {
        kind: "batch-scoring",
        workId: work.id,
        number: work.number,
        model: spec.model,
        modelVersion: spec.version,
        modelVersionId: spec.modelVersionId,
        dataset: spec.dataset,
        datasetVersion: spec.datasetVersion,
        datasetVersionId: spec.datasetVersionId,
        approval: spec.approval,
      },
      note: spec.approval
        ? `Predictions of ${model} on ${from}.`
        : `Predictions of ${model} on ${from}. Nobody has approved this version.`,
      create: {
        source: `Batch scoring of ${from}`,
        licence: "",
        description: `Predictions of ${spec.model} on ${spec.dataset}.`,
      },
    });
    const { sizeBytes } = await prisma().datasetVersion.findUniqueOrThrow({
      where: { id: added.id },
      select: { sizeBytes: true },
    });
    const { dataset, version, sha256 } = added;
    return { versionId: added.id, dataset, version, sha256, sizeBytes: Number(sizeBytes), unchanged: false };
  } catch (error) {
    // The one conflict there is: these bytes are the newest version.
    if (!isAppError(error, "conflict")) throw error;
    const newest = await prisma().datasetVersion.findFirst({
      where: { projectId: work.projectId, dataset: { name: spec.into }, sha256: String(error.place.value) },
      include: { dataset: { select: { name: true } } },
      orderBy: { version: "desc" },
    });
    if (!newest) throw error;
    return resultOf(newest, true);
  }
}

function resultOf(
  row: { id: string; version: number; sha256: string; sizeBytes: bigint; dataset: { name: string } },
  unchanged: boolean,
): ScoringResult {
  const { id, version, sha256, sizeBytes, dataset } = row;
  return { versionId: id, dataset: dataset.name, version, sha256, sizeBytes: Number(sizeBytes), unchanged };
}

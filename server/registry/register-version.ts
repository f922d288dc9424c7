import type { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { RegisterVersionInput } from "./contract.ts";
import { modelVersionRegistered } from "./events.ts";
import { findGolden, goldenColumns } from "./find-golden.ts";
import { findVersionById } from "./find-version.ts";
import { checkGolden } from "./jobs.ts";
import { contentOfOnnx, findModelContent } from "./model-content.ts";
import { tellOfModel, tellOfVersion } from "./tell-webhooks.ts";
import { versionDto } from "./version-dto.ts";

type Input = z.infer<typeof RegisterVersionInput>;

/** Where a version comes from: what was stated, completed from the tracked run, whose lineage the platform wrote itself. */
async function lineageOf(db: Db, projectId: string, input: Input) {
  const logged = input.loggedModelId
    ? await db.loggedModel.findFirst({ where: { id: input.loggedModelId, projectId }, select: { sourceRunId: true } })
    : null;
  if (input.loggedModelId && !logged)
    throw new AppError("not_found", `There is no logged model ${input.loggedModelId} in this project.`, {
      field: "loggedModelId",
      value: input.loggedModelId,
    });
  const runId = input.runId ?? logged?.sourceRunId ?? null;
  const run = runId
    ? await db.run.findFirst({ where: { id: runId, projectId }, include: { datasets: true, latest: true } })
    : null;
  if (input.runId && !run)
    throw new AppError("not_found", `Run with id=${input.runId} not found`, { field: "runId", value: input.runId });
  const datasetVersionId = input.datasetVersionId ?? run?.datasets[0]?.datasetVersionId ?? null;
  if (
    datasetVersionId &&
    !(await db.datasetVersion.findFirst({ where: { id: datasetVersionId, projectId }, select: { id: true } }))
  )
    throw new AppError("not_found", "The dataset version is not of this project.", {
      field: "datasetVersionId",
      value: datasetVersionId,
    });
  const metrics =
    Object.keys(input.metrics).length > 0
      ? input.metrics
      : Object.fromEntries((run?.latest ?? []).filter((m) => !m.isNan).map((m) => [m.key, m.value]));
  return {
    runId,
    commit: input.commit ?? run?.commit ?? null,
    pipelineRunId: input.pipelineRunId ?? run?.pipelineRunId ?? null,
    datasetVersionId,
    metrics,
  };
}

function missingParts(version: {
  problem: string | null;
  runId: string | null;
  commit: string | null;
  datasetVersionId: string | null;
}): string[] {
  return [
    ...(version.problem === null ? [] : [version.problem]),
    ...(version.runId ? [] : ["It names no run, so nobody can tell how it was trained."]),
    ...(version.commit ? [] : ["It names no commit; register it from a pipeline run."]),
    ...(version.datasetVersionId
      ? []
      : ["It names no dataset version; register it from a pipeline run that reads one."]),
  ];
}

/** Where in the run's files the model lies, if the source says so. */
function folderOf({ source }: Input): string | undefined {
  return /^runs:\/[^/]+\/(.+)$/.exec(source)?.[1];
}

/**
 * Registers the next version of a model, making the model when it is the first. The signature is read from the ONNX file itself, or from the MLmodel of a model
 * that Python loads; the lineage from the run that trained it. Repeating it for the same pipeline run and file answers the version that is there.
 * Golden rows that were logged with the model are kept with the version, and a job compares them with the file.
 * Errors: not_found for a run, logged model or dataset version of another project, invalid_input for a damaged ONNX file and for golden rows that do not
 * fit it.
 */
export const registerVersion = defineUseCase({
  name: "registry.register-version",
  scope: "registry:write",
  effect: "write",
  input: RegisterVersionInput,
  async run({ input, actor, project, db, audit, publish, emit, enqueue }) {
    const lineage = await lineageOf(db, project.id, input);
    const folder = folderOf(input);
    const owned = { loggedModelId: input.loggedModelId, runId: lineage.runId ?? undefined, folder };
    const { sha256, sizeBytes, signature, runtime, problem } = input.sha256
      ? await contentOfOnnx(input.sha256)
      : await findModelContent(db, project.id, owned);
    const golden = signature
      ? await findGolden(db, project.id, { ...owned, goldenSha256: input.goldenSha256 }, signature)
      : null;
    const key = { projectId: project.id, name: input.model };
    const model = await db.registeredModel.upsert({
      where: { projectId_name: key },
      create: { ...key, createdBy: actor.userId },
      update: { updatedAt: new Date() },
    });
    if (model.createdAt.getTime() === model.updatedAt.getTime()) await tellOfModel(db, model, {});
    // Versions count without gaps and without two of the same number: registrations of one model queue up here.
    await db.$queryRaw`select id from registered_models where id = ${model.id}::uuid for update`;
    const again =
      lineage.pipelineRunId && sha256
        ? await db.modelVersion.findFirst({
            where: { modelId: model.id, pipelineRunId: lineage.pipelineRunId, sha256, deletedAt: null },
            select: { id: true },
          })
        : null;
    if (again) {
      const existing = await versionDto(db, await findVersionById(db, project.id, again.id));
      await audit({
        action: "model.register_repeated",
        subject: { type: "model-version", id: again.id },
        summary: `${input.model} version ${existing.version} was registered before by the same pipeline run`,
      });
      return existing;
    }
    const newest = await db.modelVersion.findFirst({
      where: { modelId: model.id },
      orderBy: { version: "desc" },
      select: { version: true },
    });
    const version = (newest?.version ?? 0) + 1;
    const { id } = await db.modelVersion.create({
      data: {
        ...lineage,
        projectId: project.id,
        modelId: model.id,
        version,
        description: input.description,
        tags: input.tags,
        source: input.source,
        loggedModelId: input.loggedModelId ?? null,
        sha256,
        sizeBytes: sizeBytes === null ? null : BigInt(sizeBytes),
        runtime,
        ...(signature ? { signature } : {}),
        ...(golden ? goldenColumns(golden) : {}),
        incomplete: missingParts({ ...lineage, problem }),
        createdBy: actor.userId,
      },
    });
    await audit({
      action: "model.registered",
      subject: { type: "model-version", id },
      summary: `${actor.name} registered ${input.model} version ${version}`,
      details: {
        sha256,
        runId: lineage.runId,
        commit: lineage.commit,
        datasetVersionId: lineage.datasetVersionId,
        goldenRows: golden?.rows ?? 0,
      },
    });
    if (golden) await enqueue(checkGolden, { projectId: project.id, versionId: id });
    await emit(modelVersionRegistered, { projectId: project.id, versionId: id });
    await tellOfVersion(db, project.id, {
      name: model.name,
      version,
      source: input.source,
      runId: lineage.runId,
      description: input.description,
      tags: input.tags,
    });
    await publish("models", id);
    return await versionDto(db, await findVersionById(db, project.id, id));
  },
});

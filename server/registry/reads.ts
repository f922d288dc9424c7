import { z } from "zod";
import { AppError } from "#server/kernel/errors.ts";
import { defineUseCase } from "#server/identity/index.ts";
import { type ModelDetail, type ModelDto, ModelName, Tags, type VersionDto } from "./contract.ts";
import { findModel, findVersion, findVersionById, VERSION_OMIT, VERSION_PARTS } from "./find-version.ts";
import { versionDto, versionDtos } from "./version-dto.ts";

/** Every registered model with its newest version and champion, by name. `query` keeps those whose name or description holds it. */
export const listModels = defineUseCase({
  name: "registry.list-models",
  scope: "registry:read",
  effect: "read",
  input: z.object({ query: z.string().optional() }),
  async run({ input, project, db }): Promise<ModelDto[]> {
    const contains = { contains: input.query ?? "", mode: "insensitive" as const };
    const rows = await db.registeredModel.findMany({
      where: {
        projectId: project.id,
        deletedAt: null,
        ...(input.query ? { OR: [{ name: contains }, { description: contains }] } : {}),
      },
      include: {
        versions: {
          where: { deletedAt: null },
          orderBy: { version: "desc" },
          take: 1,
          include: VERSION_PARTS,
          omit: VERSION_OMIT,
        },
        aliases: { include: { version: { include: VERSION_PARTS, omit: VERSION_OMIT } } },
        _count: { select: { versions: { where: { deletedAt: null } } } },
      },
      orderBy: { name: "asc" },
    });
    return await Promise.all(
      rows.map(async (row) => {
        const [newest] = row.versions;
        const champion = row.aliases.find((alias) => alias.alias === "champion")?.version;
        return {
          id: row.id,
          name: row.name,
          description: row.description,
          tags: Tags.parse(row.tags),
          aliases: row.aliases.map((a) => ({ alias: a.alias, version: a.version.version })),
          versions: row._count.versions,
          latest: newest ? await versionDto(db, newest) : null,
          champion: champion ? await versionDto(db, champion) : null,
          createdAt: row.createdAt.toISOString(),
          updatedAt: row.updatedAt.toISOString(),
        };
      }),
    );
  },
});

/** One registered model with all its versions, newest first. */
export const getModel = defineUseCase({
  name: "registry.get-model",
  scope: "registry:read",
  effect: "read",
  input: z.object({ name: ModelName }),
  async run({ input, project, db }): Promise<ModelDetail> {
    const model = await findModel(db, project.id, input.name);
    const rows = await db.modelVersion.findMany({
      where: { modelId: model.id, deletedAt: null },
      include: VERSION_PARTS,
      omit: VERSION_OMIT,
      orderBy: { version: "desc" },
      take: 1000,
    });
    const versions = await versionDtos(db, rows);
    return {
      id: model.id,
      name: model.name,
      description: model.description,
      tags: Tags.parse(model.tags),
      aliases: versions.flatMap((v) => v.aliases.map((alias) => ({ alias, version: v.version }))),
      versions,
      latest: versions[0] ?? null,
      champion: versions.find((v) => v.aliases.includes("champion")) ?? null,
      createdAt: model.createdAt.toISOString(),
      updatedAt: model.updatedAt.toISOString(),
    };
  },
});

/** One version by number, "@alias" or id. */
export const getVersion = defineUseCase({
  name: "registry.get-version",
  scope: "registry:read",
  effect: "read",
  input: z.object({ name: ModelName, version: z.coerce.string() }),
  async run({ input, project, db }): Promise<VersionDto> {
    return await versionDto(db, await findVersion(db, project.id, input.name, input.version));
  },
});

/** One version by its id alone. */
export const getVersionById = defineUseCase({
  name: "registry.get-version-by-id",
  scope: "registry:read",
  effect: "read",
  input: z.object({ id: z.uuid() }),
  async run({ input, project, db }): Promise<VersionDto> {
    return await versionDto(db, await findVersionById(db, project.id, input.id));
  },
});

/** Versions that came from a run, a pipeline run, a dataset version or a logged model: lineage downwards. */
export const listVersionsFrom = defineUseCase({
  name: "registry.list-versions-from",
  scope: "registry:read",
  effect: "read",
  input: z
    .object({ runId: z.string().optional(), pipelineRunId: z.uuid().optional(), datasetVersionId: z.uuid().optional() })
    .refine(
      (from) => Object.values(from).some((value) => value !== undefined),
      "Name a run, a pipeline run or a dataset version.",
    ),
  async run({ input, project, db }): Promise<VersionDto[]> {
    const { runId, pipelineRunId, datasetVersionId } = input;
    const where = {
      projectId: project.id,
      deletedAt: null,
      ...(runId ? { runId } : {}),
      ...(pipelineRunId ? { pipelineRunId } : {}),
      ...(datasetVersionId ? { datasetVersionId } : {}),
    };
    return await versionDtos(
      db,
      await db.modelVersion.findMany({
        where,
        include: VERSION_PARTS,
        omit: VERSION_OMIT,
        orderBy: { createdAt: "desc" },
        take: 200,
      }),
    );
  },
});

/** Where the ONNX file of a version is, for a download. Errors: not_found when it has none. */
export const locateVersionFile = defineUseCase({
  name: "registry.locate-version-file",
  scope: "registry:read",
  effect: "read",
  input: z.object({ name: ModelName, version: z.coerce.string() }),
  async run({ input, project, db }): Promise<{ sha256: string; fileName: string; sizeBytes: number }> {
    const row = await findVersion(db, project.id, input.name, input.version);
    if (!row.sha256)
      throw new AppError("not_found", `${input.name} version ${row.version} has no ONNX file.`, {
        field: "version",
        value: input.version,
      });
    if (row.runtime === "pyfunc")
      throw new AppError(
        "not_found",
        `${input.name} version ${row.version} is a folder that Python loads, no ONNX file.`,
        {
          field: "version",
          value: input.version,
          remedy: "Its files are with its run: open the run's files, or use mlflow.pyfunc.load_model.",
        },
      );
    return {
      sha256: row.sha256,
      fileName: `${input.name}-v${row.version}.onnx`,
      sizeBytes: Number(row.sizeBytes ?? 0),
    };
  },
});

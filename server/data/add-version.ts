import { open } from "node:fs/promises";
import { z } from "zod";
import { type Actor, defineUseCase, parseInput } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import { putFile } from "#server/platform/objects.ts";
import { TABLE_FORMATS, TableFile, type TableFormat } from "#server/platform/table-file.ts";
import { ColumnSchema, DatasetName, Origin } from "./contract.ts";
import { createDataset } from "./create-dataset.ts";
import { findDataset } from "./find-dataset.ts";
import { datasetVersionCreated, profileVersion } from "./jobs.ts";
import { typesOf } from "./table-format.ts";

/** Records a version whose bytes are already stored and known to be readable. */
const recordVersion = defineUseCase({
  name: "data.add-version",
  scope: "data:write",
  effect: "write",
  input: z.object({
    dataset: DatasetName,
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    sizeBytes: z.number().int().min(0),
    format: z.enum(TABLE_FORMATS),
    rows: z.number().int().min(0),
    schema: z.array(ColumnSchema).min(1),
    origin: Origin,
    note: z.string().max(2000).default(""),
  }),
  async run({ input, actor, project, db, audit, publish, enqueue, emit }) {
    const dataset = await findDataset(db, project.id, input.dataset);
    // Two uploads at once must not both become version n+1.
    await db.$queryRaw`select id from datasets where id = ${dataset.id}::uuid for update`;
    const latest = await db.datasetVersion.findFirst({
      where: { datasetId: dataset.id },
      orderBy: { version: "desc" },
      select: { version: true, sha256: true },
    });
    if (latest?.sha256 === input.sha256)
      throw new AppError("conflict", `The file is version ${latest.version} of '${input.dataset}', byte for byte.`, {
        field: "file",
        value: input.sha256,
        remedy: "There is nothing to add.",
      });
    const version = (latest?.version ?? 0) + 1;
    const { dataset: _name, sizeBytes, rows, ...rest } = input;
    const { id } = await db.datasetVersion.create({
      data: {
        ...rest,
        projectId: project.id,
        datasetId: dataset.id,
        version,
        sizeBytes: BigInt(sizeBytes),
        rows: BigInt(rows),
        createdBy: actor.userId,
      },
    });
    await audit({
      action: "dataset.version_added",
      subject: { type: "dataset-version", id },
      summary: `${actor.name} added version ${version} of ${input.dataset}: ${rows} rows`,
      details: { sha256: input.sha256, origin: input.origin },
    });
    await enqueue(profileVersion, { projectId: project.id, versionId: id });
    await emit(datasetVersionCreated, { projectId: project.id, versionId: id });
    await publish("datasets", dataset.id);
    return { id, dataset: input.dataset, version, sha256: input.sha256, rows };
  },
});

const authoriseUpload = defineUseCase({
  name: "data.authorise-upload",
  scope: "data:write",
  effect: "read",
  input: z.object({}),
  run: ({ project }) => Promise.resolve({ projectId: project.id }),
});

interface AddVersion {
  readonly dataset: string;
  /** A file on this machine; it is copied into the store and not changed. */
  readonly filePath: string;
  /** By its name and first bytes when absent. */
  readonly format?: TableFormat;
  readonly fileName: string;
  readonly origin: Origin;
  readonly note?: string;
  /** Makes the dataset, with these facts, if there is none of that name; only once the file has proved readable. */
  readonly create?: { readonly source: string; readonly licence: string; readonly description: string };
}

/**
 * Makes a file the next version of a dataset. The file is read through before anything is stored: its columns must be those types that the version before
 * had where they share a name, if it is a CSV.
 * Errors: invalid_input with the line and column that is wrong, unsupported_media for another format, conflict for the same bytes as the newest version.
 */
export async function addVersion(
  actor: Actor,
  project: string,
  version: AddVersion,
): Promise<{ id: string; dataset: string; version: number; sha256: string; rows: number }> {
  // Asked first, so that nobody can make the server read and store files for a project they may not write to.
  const { projectId } = await authoriseUpload(actor, project, {});
  const key = { projectId_name: { projectId, name: version.dataset } };
  const dataset = version.create
    ? await prisma().dataset.findUnique({ where: key })
    : await findDataset(prisma(), projectId, version.dataset);
  if (!dataset) parseInput(DatasetName, version.dataset);
  const latest =
    dataset &&
    (await prisma().datasetVersion.findFirst({
      where: { datasetId: dataset.id },
      orderBy: { version: "desc" },
      select: { schema: true },
    }));
  const format = version.format ?? (await formatOf(version.filePath, version.fileName));
  const stated = format === "csv" && latest ? typesOf(ColumnSchema.array().parse(latest.schema)) : {};
  let rows: number;
  let schema: ColumnSchema[];
  {
    await using table = await TableFile.open(version.filePath, format, stated);
    rows = await table.scan();
    schema = await table.columns();
  }
  if (rows === 0)
    throw new AppError("invalid_input", "The file has a header but no rows.", {
      field: "file",
      value: version.fileName,
      remedy: "Upload a file with data.",
    });
  const stored = await putFile(version.filePath);
  if (!dataset) await createDataset(actor, project, { name: version.dataset, ...version.create });
  return await recordVersion(actor, project, {
    dataset: version.dataset,
    ...stored,
    format,
    rows,
    schema,
    origin: version.origin,
    note: version.note ?? "",
  });
}

/** The format of an uploaded file: Parquet by its magic bytes, CSV by its name. */
async function formatOf(path: string, fileName: string): Promise<TableFormat> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (buffer.toString("latin1") === "PAR1") return "parquet";
  } finally {
    await file.close();
  }
  if (/\.(csv|tsv|txt)$/i.test(fileName)) return "csv";
  if (/\.parquet$/i.test(fileName))
    throw new AppError("invalid_input", "The file is named .parquet but does not start as a Parquet file does.", {
      field: "file",
      value: fileName,
      remedy: "Write the file anew, or upload CSV.",
    });
  throw new AppError("unsupported_media", `'${fileName}' is neither CSV nor Parquet.`, {
    field: "file",
    value: fileName,
    remedy: "Upload a .csv or .parquet file.",
  });
}

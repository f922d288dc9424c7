import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { localPath } from "#server/platform/objects.ts";
import { TableFile } from "#server/platform/table-file.ts";
import {
  ColumnSchema,
  type DatasetDetail,
  type DatasetSummary,
  Expectation,
  Origin,
  type Preview,
  Profile,
  Validation,
  type VersionDetail,
  type VersionSummary,
} from "./contract.ts";
import { findDataset, findVersion } from "./find-dataset.ts";
import { schemaChanges } from "./schema-changes.ts";
import { tableFormat, typesOf } from "./table-format.ts";

type Row = Awaited<ReturnType<typeof findVersion>>;
const PREVIEW_ROWS = 100;

function summary(row: Omit<Row, "dataset">, people: ReadonlyMap<string, string>): VersionSummary {
  const validation = row.validation === null ? null : Validation.parse(row.validation);
  return {
    id: row.id,
    version: row.version,
    sha256: row.sha256,
    format: row.format,
    sizeBytes: Number(row.sizeBytes),
    rows: Number(row.rows),
    columns: ColumnSchema.array().parse(row.schema).length,
    note: row.note,
    origin: Origin.parse(row.origin),
    createdBy: row.createdBy ? (people.get(row.createdBy) ?? null) : null,
    createdAt: row.createdAt.toISOString(),
    profileState: row.profileState,
    validation:
      validation === null || validation.rules.length === 0 ? "unchecked" : validation.passed ? "passed" : "failed",
  };
}

/** Every dataset of the project with its newest version, by name. */
export const listDatasets = defineUseCase({
  name: "data.list-datasets",
  scope: "data:read",
  effect: "read",
  input: z.object({}),
  async run({ project, db }): Promise<DatasetSummary[]> {
    const rows = await db.dataset.findMany({
      where: { projectId: project.id },
      include: {
        versions: { orderBy: { version: "desc" }, take: 1, omit: { profile: true } },
        _count: { select: { versions: true } },
      },
      orderBy: { name: "asc" },
    });
    const people = await names(
      db,
      rows.flatMap((row) => row.versions.map((v) => v.createdBy)),
    );
    return rows.map((row) => {
      const latest = row.versions[0];
      const { id, name, description, source, licence } = row;
      return {
        id,
        name,
        description,
        source,
        licence,
        versions: row._count.versions,
        latest: latest ? summary({ ...latest, profile: null }, people) : null,
      };
    });
  },
});

/** One dataset with all its versions, newest first. */
export const getDataset = defineUseCase({
  name: "data.get-dataset",
  scope: "data:read",
  effect: "read",
  input: z.object({ dataset: z.string() }),
  async run({ input, project, db }): Promise<DatasetDetail> {
    const row = await findDataset(db, project.id, input.dataset);
    const versions = await db.datasetVersion.findMany({
      where: { datasetId: row.id },
      omit: { profile: true },
      orderBy: { version: "desc" },
      take: 500,
    });
    const people = await names(db, [row.ownerId, ...versions.map((v) => v.createdBy)]);
    const summaries = versions.map((version) => summary({ ...version, profile: null }, people));
    return {
      id: row.id,
      name: row.name,
      description: row.description,
      source: row.source,
      licence: row.licence,
      owner: row.ownerId ? (people.get(row.ownerId) ?? null) : null,
      acquiredAt: row.acquiredAt?.toISOString() ?? null,
      timeColumn: row.timeColumn,
      labelColumn: row.labelColumn,
      expectations: Expectation.array().parse(row.expectations),
      versions: summaries,
      latest: summaries[0] ?? null,
    };
  },
});

/** One version with its profile, its validation and what changed against the version before. `version` is its number; the newest without it. */
export const getDatasetVersion = defineUseCase({
  name: "data.get-dataset-version",
  scope: "data:read",
  effect: "read",
  input: z.object({ dataset: z.string(), version: z.coerce.number().int().min(1).optional() }),
  async run({ input, project, db }): Promise<VersionDetail> {
    const row = await findVersion(db, project.id, input.version ? `${input.dataset}@${input.version}` : input.dataset);
    const before = await db.datasetVersion.findFirst({
      where: { datasetId: row.datasetId, version: { lt: row.version } },
      orderBy: { version: "desc" },
      select: { schema: true },
    });
    const schema = ColumnSchema.array().parse(row.schema);
    return {
      ...summary(row, await names(db, [row.createdBy])),
      dataset: row.dataset.name,
      schema,
      profile: row.profile === null ? null : Profile.parse(row.profile),
      profileError: row.profileError,
      validationReport: row.validation === null ? null : Validation.parse(row.validation),
      schemaChanges: before ? schemaChanges(ColumnSchema.array().parse(before.schema), schema) : [],
    };
  },
});

/** Up to 100 rows of a version, from `offset` on. */
export const previewVersion = defineUseCase({
  name: "data.preview-version",
  scope: "data:read",
  effect: "read",
  input: z.object({
    dataset: z.string(),
    version: z.coerce.number().int().min(1).optional(),
    offset: z.coerce.number().int().min(0).default(0),
  }),
  async run({ input, project, db }): Promise<Preview> {
    const row = await findVersion(db, project.id, input.version ? `${input.dataset}@${input.version}` : input.dataset);
    const columns = ColumnSchema.array().parse(row.schema);
    await using table = await TableFile.open(await localPath(row.sha256), tableFormat(row.format), typesOf(columns));
    const rows = await table.rows(`select * from data limit ${PREVIEW_ROWS} offset ${input.offset}`);
    return {
      columns,
      rows: rows.map((cells) =>
        columns.map(({ name }) => {
          const cell = cells[name] ?? null;
          return typeof cell === "object" && cell !== null ? JSON.stringify(cell) : cell;
        }),
      ),
      total: Number(row.rows),
    };
  },
});

/** Where the bytes of a version are, for a download. */
export const locateVersion = defineUseCase({
  name: "data.locate-version",
  scope: "data:read",
  effect: "read",
  input: z.object({ dataset: z.string(), version: z.coerce.number().int().min(1) }),
  async run({ input, project, db }): Promise<{ sha256: string; fileName: string; sizeBytes: number }> {
    const row = await findVersion(db, project.id, `${input.dataset}@${input.version}`);
    return {
      sha256: row.sha256,
      fileName: `${row.dataset.name}-v${row.version}.${row.format}`,
      sizeBytes: Number(row.sizeBytes),
    };
  },
});

async function names(
  db: Parameters<typeof findDataset>[0],
  ids: readonly (string | null)[],
): Promise<Map<string, string>> {
  const wanted = [...new Set(ids.flatMap((id) => (id ? [id] : [])))];
  const rows =
    wanted.length > 0
      ? await db.user.findMany({ where: { id: { in: wanted } }, select: { id: true, name: true } })
      : [];
  return new Map(rows.map((row) => [row.id, row.name]));
}

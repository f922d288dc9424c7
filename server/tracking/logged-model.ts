import { AppError } from "#server/kernel/errors.ts";
import { type Db, Prisma } from "#server/platform/db.ts";
import { type LoggedModelDto, LoggedModelStatus } from "./contract.ts";
import { pairsOf } from "./experiment.ts";

export interface LoggedModelRow {
  readonly id: string;
  readonly experiment: number;
  readonly name: string;
  readonly status: string;
  readonly statusMessage: string | null;
  readonly modelType: string | null;
  readonly sourceRunId: string | null;
  readonly tags: Prisma.JsonValue;
  readonly params: Prisma.JsonValue;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly deletedAt: number | null;
}

/** The columns of a LoggedModelRow; logged models as m, experiments as e. */
export const MODEL_COLUMNS = Prisma.sql`
  m.id, e.number as experiment, m.name, m.status, m.status_message as "statusMessage", m.model_type as "modelType",
  m.source_run_id as "sourceRunId", m.tags, m.params,
  m.created_at::float8 as "createdAt", m.updated_at::float8 as "updatedAt", m.deleted_at::float8 as "deletedAt"`;

export const modelNotFound = (id: string) =>
  new AppError("not_found", `Logged model with ID '${id}' not found.`, { field: "model_id", value: id });

/** The models with what runs measured of them, in two queries whatever their number. */
export async function withMetrics(db: Db, rows: readonly LoggedModelRow[]): Promise<LoggedModelDto[]> {
  const metrics = await db.loggedModelMetric.findMany({
    where: { modelId: { in: rows.map((row) => row.id) } },
    orderBy: [{ key: "asc" }, { step: "asc" }, { timestamp: "asc" }],
  });
  return rows.map((row) => ({
    ...row,
    status: LoggedModelStatus.parse(row.status),
    tags: pairsOf(row.tags),
    params: pairsOf(row.params),
    metrics: metrics
      .filter((metric) => metric.modelId === row.id)
      .map(({ key, value, isNan, timestamp, step, runId, datasetName, datasetDigest }) => ({
        key,
        value: isNan ? null : value,
        timestamp: Number(timestamp),
        step: Number(step),
        runId,
        datasetName,
        datasetDigest,
      })),
  }));
}

/** One logged model. Errors: not_found, for a deleted one too unless `deleted`. */
export async function modelById(db: Db, projectId: string, id: string, deleted = false): Promise<LoggedModelDto> {
  const rows = await db.$queryRaw<LoggedModelRow[]>`
    select ${MODEL_COLUMNS} from logged_models m join experiments e on e.id = m.experiment_id
    where m.project_id = ${projectId}::uuid and m.id = ${id} and (${deleted} or m.deleted_at is null)`;
  const [model] = await withMetrics(db, rows);
  if (!model) throw modelNotFound(id);
  return model;
}

import type { Db } from "#server/platform/db.ts";
import { type AlertChain, AlertDetails, type AlertDto, AlertKind, AlertStatus, RetrainingState } from "./contract.ts";

interface Row {
  readonly id: string;
  readonly number: number;
  readonly kind: string;
  readonly title: string;
  readonly details: unknown;
  readonly status: string;
  readonly openedAt: Date;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: Date | null;
  readonly resolvedBy: string | null;
  readonly resolvedAt: Date | null;
  readonly resolution: string;
  readonly retraining: string | null;
  readonly retrainingBy: string | null;
  readonly retrainingAt: Date | null;
  readonly retrainingError: string | null;
  readonly datasetVersionId: string | null;
  readonly pipelineRunId: string | null;
  readonly modelVersionId: string | null;
  readonly promotionRequestId: string | null;
  readonly monitor: { readonly name: string; readonly endpointId: string };
}

/** Alerts of a project with what they led to, in the order given. */
export async function alertDtos(db: Db, projectId: string, rows: readonly Row[]): Promise<AlertDto[]> {
  const chain = await chainsOf(db, projectId, rows);
  const endpoints = await db.endpoint.findMany({
    where: { projectId, id: { in: rows.map((row) => row.monitor.endpointId) } },
    select: { id: true, name: true },
  });
  const names = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint.name]));
  return rows.map((row) => {
    const details = AlertDetails.parse(row.details);
    return {
      id: row.id,
      number: row.number,
      monitor: row.monitor.name,
      endpoint: names.get(row.monitor.endpointId) ?? "",
      kind: AlertKind.parse(row.kind),
      title: row.title,
      sentences: details.sentences,
      status: AlertStatus.parse(row.status),
      openedAt: row.openedAt.toISOString(),
      windows: details.windows,
      acknowledgedBy: row.acknowledgedBy,
      acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null,
      resolvedBy: row.resolvedBy,
      resolvedAt: row.resolvedAt?.toISOString() ?? null,
      resolution: row.resolution,
      retraining:
        row.retraining === null
          ? null
          : {
              state: RetrainingState.parse(row.retraining),
              by: row.retrainingBy ?? "",
              at: (row.retrainingAt ?? row.openedAt).toISOString(),
              error: row.retrainingError,
            },
      chain: chain(row),
    };
  });
}

/** Looks up all links of all alerts at once. */
async function chainsOf(db: Db, projectId: string, rows: readonly Row[]): Promise<(row: Row) => AlertChain> {
  const ids = (key: "datasetVersionId" | "pipelineRunId" | "modelVersionId" | "promotionRequestId") => ({
    projectId,
    id: { in: rows.flatMap((row) => row[key] ?? []) },
  });
  const [datasets, runs, versions, requests] = await Promise.all([
    db.datasetVersion.findMany({
      where: ids("datasetVersionId"),
      select: { id: true, version: true, rows: true, dataset: { select: { name: true } } },
    }),
    db.pipelineRun.findMany({ where: ids("pipelineRunId"), select: { id: true, number: true, status: true } }),
    db.modelVersion.findMany({
      where: ids("modelVersionId"),
      select: { id: true, version: true, model: { select: { name: true } } },
    }),
    db.promotionRequest.findMany({
      where: ids("promotionRequestId"),
      select: { id: true, number: true, status: true },
    }),
  ]);
  return (row) => {
    const dataset = datasets.find(({ id }) => id === row.datasetVersionId);
    const run = runs.find(({ id }) => id === row.pipelineRunId);
    const version = versions.find(({ id }) => id === row.modelVersionId);
    const request = requests.find(({ id }) => id === row.promotionRequestId);
    return {
      dataset: dataset ? { name: dataset.dataset.name, version: dataset.version, rows: Number(dataset.rows) } : null,
      run: run ? { number: run.number, status: run.status } : null,
      version: version ? { model: version.model.name, version: version.version } : null,
      request: request ? { number: request.number, status: request.status } : null,
    };
  };
}

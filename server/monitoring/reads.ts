import { z } from "zod";
import { type Actor, defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { featureColumns } from "#server/registry/contract.ts";
import { getEndpoint, listEndpoints } from "#server/serving/index.ts";
import { alertDtos } from "./alert-dtos.ts";
import {
  type EndpointOption,
  MonitorConfig,
  type MonitorDetail,
  type MonitorState,
  type MonitorSummary,
  type WindowDto,
} from "./contract.ts";
import { findMonitor } from "./find-alert.ts";
import { monitorEvents } from "./monitor-events.ts";
import { mainFigure, windowDto, withoutBars } from "./window-dto.ts";

/** Windows that a page shows at most; older ones by `to`. */
const MOST_WINDOWS = 60;
const SPARK_WINDOWS = 12;

const Origin = z.union([
  z.object({ kind: z.literal("file"), path: z.string(), commit: z.string() }),
  z.object({ kind: z.literal("person") }),
]);

interface Row {
  readonly id: string;
  readonly name: string;
  readonly endpointId: string;
  readonly config: unknown;
  readonly origin: unknown;
  readonly enabled: boolean;
  readonly checkedAt: Date | null;
  readonly problem: string | null;
}

/** Every monitor of a project with its last window, by name. */
export const listMonitors = defineUseCase({
  name: "monitoring.list-monitors",
  scope: "monitoring:read",
  effect: "read",
  input: z.object({}),
  async run({ actor, project, db }): Promise<{ monitors: MonitorSummary[]; unwatched: EndpointOption[] }> {
    const endpoints = await endpointsOf(actor, project.id);
    const rows = await db.monitor.findMany({ where: { projectId: project.id }, orderBy: { name: "asc" } });
    const monitors = await Promise.all(
      rows.map(async (row) => await summarise(db, row, endpoints, await latestWindows(db, row, SPARK_WINDOWS))),
    );
    const watched = new Set(rows.map((row) => row.endpointId));
    const unwatched = [...endpoints].flatMap(([id, endpoint]) => (watched.has(id) ? [] : [endpoint]));
    return { monitors, unwatched };
  },
});

/** One monitor with its newest windows, oldest first, its alerts and what happened to its endpoint. Errors: not_found. */
export const getMonitor = defineUseCase({
  name: "monitoring.get-monitor",
  scope: "monitoring:read",
  effect: "read",
  input: z.object({ monitor: z.string(), from: z.iso.datetime().optional(), to: z.iso.datetime().optional() }),
  async run({ input, actor, project, db }): Promise<MonitorDetail> {
    const row = await findMonitor(db, project.id, input.monitor);
    const endpoints = await endpointsOf(actor, project.id);
    const windows = await latestWindows(db, row, MOST_WINDOWS, input);
    const alerts = await db.alert.findMany({
      where: { projectId: project.id, monitorId: row.id },
      orderBy: { number: "desc" },
      take: 200,
      include: { monitor: true },
    });
    const summary = await summarise(db, row, endpoints, windows);
    const dtos = await alertDtos(db, project.id, alerts);
    const endpoint = endpoints.get(row.endpointId);
    const signature = endpoint ? (await getEndpoint(actor, project.id, { name: endpoint.name })).signature : null;
    const features = signature ? featureColumns(signature) : { numbers: [], categories: [] };
    return {
      ...summary,
      config: MonitorConfig.parse(row.config),
      origin: Origin.catch({ kind: "person" }).parse(row.origin),
      windows: windows.map(withoutBars),
      alerts: dtos,
      events: await monitorEvents(db, row.endpointId, windows, dtos),
      features: [...features.numbers, ...features.categories],
    };
  },
});

/** One window in full, by its start. Errors: not_found. */
export const getWindow = defineUseCase({
  name: "monitoring.get-window",
  scope: "monitoring:read",
  effect: "read",
  input: z.object({ monitor: z.string(), window: z.iso.datetime() }),
  async run({ input, project, db }): Promise<WindowDto> {
    const row = await findMonitor(db, project.id, input.monitor);
    const next = new Date(Date.parse(input.window) + 1).toISOString();
    const [window] = await latestWindows(db, row, 1, { from: input.window, to: next });
    if (window) return window;
    throw new AppError("not_found", `The monitor '${input.monitor}' has no window that starts then.`, {
      field: "window",
      value: input.window,
    });
  },
});

async function endpointsOf(actor: Actor, projectId: string): Promise<Map<string, EndpointOption>> {
  const endpoints = await listEndpoints(actor, projectId, {});
  return new Map(endpoints.map(({ id, name, model }) => [id, { name, model }]));
}

async function latestWindows(
  db: Db,
  row: Row,
  most: number,
  span: { from?: string | undefined; to?: string | undefined } = {},
): Promise<WindowDto[]> {
  const { window } = MonitorConfig.parse(row.config);
  const rows = await db.monitorWindow.findMany({
    where: {
      monitorId: row.id,
      startsAt: { ...(span.from ? { gte: span.from } : {}), ...(span.to ? { lt: span.to } : {}) },
    },
    orderBy: { startsAt: "desc" },
    take: most,
  });
  const ids = rows.flatMap((found) => found.referenceVersionId ?? []);
  const references = await db.datasetVersion.findMany({
    where: { id: { in: ids } },
    select: { id: true, version: true, dataset: { select: { name: true } } },
  });
  const byId = new Map(references.map((version) => [version.id, version]));
  return rows.reverse().map((found) => windowDto(found, window, byId.get(found.referenceVersionId ?? "") ?? null));
}

async function summarise(
  db: Db,
  row: Row,
  endpoints: ReadonlyMap<string, EndpointOption>,
  windows: readonly WindowDto[],
): Promise<MonitorSummary> {
  const config = MonitorConfig.parse(row.config);
  const openAlerts = await db.alert.count({ where: { monitorId: row.id, status: { not: "resolved" } } });
  // The one that says something: what just began has too few rows to be judged.
  const last = windows.findLast((window) => window.rows >= config.min_rows) ?? windows.at(-1);
  const judged = last?.drift.filter((feature) => feature.status !== "insufficient") ?? [];
  const quality = windows.some((window) => mainFigure(window) !== null);
  return {
    id: row.id,
    name: row.name,
    endpoint: endpoints.get(row.endpointId)?.name ?? "",
    model: endpoints.get(row.endpointId)?.model ?? "",
    window: config.window,
    mode: config.retrain.mode,
    enabled: row.enabled,
    state: stateOf(row, openAlerts, last !== undefined),
    problem: row.problem,
    checkedAt: row.checkedAt?.toISOString() ?? null,
    openAlerts,
    lastWindow: last
      ? {
          label: last.label,
          rows: last.rows,
          drifted: judged.filter((feature) => feature.status === "drifted").length,
          judged: judged.length,
          quality: mainFigure(last),
        }
      : null,
    spark: quality
      ? {
          label: "Quality by window",
          values: windows.slice(-SPARK_WINDOWS).map((window) => mainFigure(window)?.value ?? null),
        }
      : { label: "Share of drifted features by window", values: windows.slice(-SPARK_WINDOWS).map(driftedShare) },
  };
}

function stateOf(row: Row, openAlerts: number, hasWindows: boolean): MonitorState {
  if (!row.enabled) return "paused";
  if (row.problem) return "failing";
  if (openAlerts > 0) return "alerting";
  return hasWindows ? "healthy" : "waiting";
}

function driftedShare(window: WindowDto): number | null {
  const judged = window.drift.filter((feature) => feature.status !== "insufficient");
  return judged.length === 0 ? null : judged.filter((feature) => feature.status === "drifted").length / judged.length;
}

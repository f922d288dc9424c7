import type { Actor } from "#server/identity/index.ts";
import { AlertDetails } from "#server/monitoring/contract.ts";
import type { Db } from "#server/platform/db.ts";
import type { ProjectDto } from "#server/projects/contract.ts";
import { getVersionById } from "#server/registry/index.ts";
import type { EndpointSummary } from "#server/serving/contract.ts";
import { listEndpoints, listTrafficRange } from "#server/serving/index.ts";
import type { AlertLine, Lineage, LiveModel, ProjectName } from "./contract.ts";
import { outcomeScores } from "./outcome-scores.ts";
import { rowsOfPolicy } from "./rows-of-policy.ts";

/** Every endpoint of a project with what it does, in words and figures for people who do not build models. Empty without serving:read. */
export async function liveModels(db: Db, actor: Actor, project: ProjectDto): Promise<LiveModel[]> {
  if (!project.scopes.includes("serving:read")) return [];
  const endpoints = await listEndpoints(actor, project.slug, {});
  const [scores, alerts, words] = await Promise.all([
    outcomeScores(
      project.id,
      endpoints.map((endpoint) => endpoint.id),
    ),
    project.scopes.includes("monitoring:read") ? openAlerts(db, project) : [],
    rowWords(db, project.id, endpoints),
  ]);
  return await Promise.all(
    endpoints.map(async (endpoint): Promise<LiveModel> => {
      const { live } = endpoint;
      const [traffic, lineage] = await Promise.all([
        listTrafficRange(endpoint.id),
        live && project.scopes.includes("registry:read") ? lineageOf(actor, project.slug, live.versionId) : null,
      ]);
      return {
        project: nameOf(project),
        endpoint: endpoint.name,
        model: endpoint.model,
        health: endpoint.health,
        reason: endpoint.reason,
        live,
        rows: (live?.request && words.get(live.request.number)) ?? "predictions",
        score: (live && scores.get(live.versionId)) ?? null,
        lastHour: endpoint.lastHour,
        minutes: endpoint.minutes,
        predictions: traffic.days
          .flatMap((day) => day.versions)
          .reduce((sum, each) => (each.versionId === live?.versionId ? sum + each.predictions : sum), 0),
        alerts: alerts.filter((alert) => alert.endpoint === endpoint.name),
        lineage,
      };
    }),
  );
}

export function nameOf({ slug, name }: ProjectDto): ProjectName {
  return { slug, name };
}

/** Alerts that nobody has resolved, newest first. */
async function openAlerts(db: Db, project: ProjectDto): Promise<AlertLine[]> {
  const rows = await db.alert.findMany({
    where: { projectId: project.id, status: { in: ["open", "acknowledged"] } },
    include: { monitor: { select: { endpointId: true } } },
    orderBy: { openedAt: "desc" },
    take: 50,
  });
  const endpoints = await db.endpoint.findMany({
    where: { projectId: project.id, id: { in: rows.map((row) => row.monitor.endpointId) } },
    select: { id: true, name: true },
  });
  const names = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint.name]));
  return rows.map((row) => {
    const details = AlertDetails.safeParse(row.details);
    return {
      project: nameOf(project),
      number: row.number,
      endpoint: names.get(row.monitor.endpointId) ?? "",
      kind: row.kind,
      title: row.title,
      sentences: details.success ? details.data.sentences : [],
      status: row.status,
      openedAt: row.openedAt.toISOString(),
    };
  });
}

/** Request number → what its policy calls the rows. */
async function rowWords(
  db: Db,
  projectId: string,
  endpoints: readonly EndpointSummary[],
): Promise<Map<number, string>> {
  const numbers = endpoints.flatMap((endpoint) => endpoint.live?.request?.number ?? []);
  const rows = await db.promotionRequest.findMany({
    where: { projectId, number: { in: numbers } },
    select: { number: true, policy: { select: { spec: true } } },
  });
  return new Map(rows.map((row) => [row.number, rowsOfPolicy(row.policy.spec)]));
}

async function lineageOf(actor: Actor, project: string, id: string): Promise<Lineage> {
  const version = await getVersionById(actor, project, { id });
  return {
    dataset: version.dataset ? { name: version.dataset.name, version: version.dataset.version } : null,
    pipelineRun: version.pipelineRun?.number ?? null,
    runId: version.runId,
    commit: version.commit,
  };
}

import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { env } from "#server/platform/env.ts";
import { ModelSignature } from "#server/registry/contract.ts";
import { type Approval, approvalsOf } from "./approvals.ts";
import { armDtos } from "./arm-dto.ts";
import { type EndpointDetail, type EndpointSummary, Fallback, type LiveVersion } from "./contract.ts";
import { healthOf, isServingUp } from "./endpoint-health.ts";
import { exampleInputs } from "./example-inputs.ts";
import { findEndpoint } from "./find-endpoint.ts";
import { openApi } from "./openapi.ts";
import { availabilityOf, readAvailability, summaryOfAvailability } from "./probes/availability.ts";
import { readMinutes } from "./read-minutes.ts";
import { snippetsOf } from "./snippets.ts";
import { logRulesOf } from "./log-rules.ts";
import { listTrafficRange } from "./traffic-range.ts";
import { addCounts, emptyCounts, type TrafficCounts, totalsOf } from "./traffic-totals.ts";

const MINUTE_MS = 60_000;
const MINUTES = 60;

/** Every endpoint of a project with what it serves and how it does, by name. */
export const listEndpoints = defineUseCase({
  name: "serving.list-endpoints",
  scope: "serving:read",
  effect: "read",
  input: z.object({ model: z.string().optional() }),
  async run({ input, project, db }): Promise<EndpointSummary[]> {
    const summaries = await summarise(db, { projectId: project.id });
    return input.model === undefined ? summaries : summaries.filter((summary) => summary.model === input.model);
  },
});

/** One endpoint with all that its page shows. Errors: not_found. */
export const getEndpoint = defineUseCase({
  name: "serving.get-endpoint",
  scope: "serving:read",
  effect: "read",
  input: z.object({ name: z.string() }),
  async run({ input, project, db }): Promise<EndpointDetail> {
    const endpoint = await findEndpoint(db, project.id, input.name);
    const [[summary], deployments, range, arms] = await Promise.all([
      summarise(db, { id: endpoint.id }),
      db.endpointDeployment.findMany({
        where: { endpointId: endpoint.id },
        orderBy: { startedAt: "desc" },
        take: 200,
      }),
      listTrafficRange(endpoint.id),
      db.endpointArm.findMany({ where: { endpointId: endpoint.id, endedAt: null }, orderBy: { startedAt: "asc" } }),
    ]);
    if (!summary) throw new Error("unreachable: an endpoint that was found has a summary");
    const approvals = await approvalsOf(
      db,
      deployments.flatMap((deployment) => deployment.requestId ?? []),
    );
    const version = await db.modelVersion.findFirst({
      where: {
        projectId: project.id,
        ...(summary.live
          ? { id: summary.live.versionId }
          : { aliases: { some: { modelId: endpoint.modelId, alias: "champion" } } }),
      },
    });
    const signature = version?.signature ? ModelSignature.parse(version.signature) : null;
    const creator = endpoint.createdBy
      ? await db.user.findUnique({ where: { id: endpoint.createdBy }, select: { name: true } })
      : null;
    const example = signature ? await exampleInputs(db, project.id, signature, version?.datasetVersionId ?? null) : [];
    const { servingUrl } = env();
    return {
      ...summary,
      servingUrl,
      modelId: endpoint.modelId,
      createdBy: creator?.name ?? null,
      changedBy:
        endpoint.stateBy && endpoint.stateAt ? { name: endpoint.stateBy, at: endpoint.stateAt.toISOString() } : null,
      signature,
      example,
      arms: await armDtos(db, arms),
      fallback: endpoint.fallback === null ? null : Fallback.parse(endpoint.fallback),
      logRules: logRulesOf(endpoint),
      snippets: signature
        ? snippetsOf({ servingUrl, endpoint: endpoint.name, example, signature })
        : { forms: [], outcome: [] },
      deployments: deployments.map((deployment) => ({
        id: deployment.id,
        version: deployment.version,
        versionId: deployment.versionId,
        startedAt: deployment.startedAt.toISOString(),
        endedAt: deployment.endedAt?.toISOString() ?? null,
        request: (deployment.requestId && approvals.get(deployment.requestId)) || null,
      })),
      logged: {
        predictions: range.predictions,
        outcomes: range.outcomes,
        firstDay: range.firstDay,
        lastDay: range.lastDay,
      },
    };
  },
});

/** The OpenAPI 3.1 document of an endpoint. Errors: not_found, also while no version is live. */
export const getOpenApi = defineUseCase({
  name: "serving.get-openapi",
  scope: "serving:read",
  effect: "read",
  input: z.object({ name: z.string() }),
  async run({ input, project, db }) {
    const endpoint = await findEndpoint(db, project.id, input.name);
    const [live] = await summarise(db, { id: endpoint.id });
    const version = live?.live
      ? await db.modelVersion.findFirst({ where: { projectId: project.id, id: live.live.versionId } })
      : null;
    if (!version)
      throw new AppError("not_found", `The endpoint '${input.name}' serves no version, so it has no document.`, {
        field: "name",
        value: input.name,
      });
    const signature = ModelSignature.parse(version.signature);
    const example = await exampleInputs(db, project.id, signature, version.datasetVersionId);
    return openApi({ endpoint: endpoint.name, version: version.version, signature, example }, env().servingUrl);
  },
});

async function summarise(db: Db, where: { projectId: string } | { id: string }): Promise<EndpointSummary[]> {
  const endpoints = await db.endpoint.findMany({
    where,
    include: { deployments: { where: { endedAt: null }, orderBy: { startedAt: "desc" }, take: 1 } },
    orderBy: { name: "asc" },
  });
  const modelIds = [...new Set(endpoints.map((endpoint) => endpoint.modelId))];
  const [models, approvals, isUp, traffic, availability] = await Promise.all([
    db.registeredModel.findMany({
      where: { id: { in: modelIds } },
      select: { id: true, name: true, aliases: { where: { alias: "champion" }, select: { versionId: true } } },
    }),
    approvalsOf(
      db,
      endpoints.flatMap((endpoint) => endpoint.deployments[0]?.requestId ?? []),
    ),
    isServingUp(db),
    lastHour(endpoints.map((endpoint) => endpoint.id)),
    readAvailability(db, endpoints),
  ]);
  const byId = new Map(models.map((model) => [model.id, model]));
  return endpoints.map((endpoint) => {
    const model = byId.get(endpoint.modelId);
    const [deployment] = endpoint.deployments;
    const live = deployment ? liveOf(deployment, approvals) : null;
    const { total, minutes } = traffic.get(endpoint.id) ?? { total: emptyCounts(), minutes: [] };
    return {
      id: endpoint.id,
      name: endpoint.name,
      model: model?.name ?? "",
      description: endpoint.description,
      ...healthOf({ ...endpoint, live, hasChampion: (model?.aliases.length ?? 0) > 0, isUp }),
      live,
      latencyBudgetMs: endpoint.latencyBudgetMs,
      lastHour: totalsOf(total),
      minutes,
      availability: summaryOfAvailability(
        availability.get(endpoint.id) ?? availabilityOf([], endpoint.createdAt.getTime(), Date.now()),
      ),
      createdAt: endpoint.createdAt.toISOString(),
    };
  });
}

function liveOf(
  deployment: { versionId: string; version: number; startedAt: Date; requestId: string | null },
  approvals: ReadonlyMap<string, Approval>,
): LiveVersion {
  const approval = deployment.requestId ? approvals.get(deployment.requestId) : undefined;
  return {
    versionId: deployment.versionId,
    version: deployment.version,
    since: deployment.startedAt.toISOString(),
    request: approval ? { number: approval.number, approvedBy: approval.approvedBy } : null,
  };
}

/** The last sixty whole minutes and the one that runs. */
async function lastHour(
  endpointIds: readonly string[],
): Promise<Map<string, { total: TrafficCounts; minutes: number[] }>> {
  const to = (Math.floor(Date.now() / MINUTE_MS) + 1) * MINUTE_MS;
  const from = to - MINUTES * MINUTE_MS;
  const found = new Map(
    endpointIds.map((id) => [id, { total: emptyCounts(), minutes: new Array<number>(MINUTES).fill(0) }]),
  );
  await readMinutes(endpointIds, from, to, (endpointId, minute, counts, { arm }) => {
    const entry = found.get(endpointId);
    // Nobody asked for what a shadow scores.
    if (!entry || arm === "shadow") return;
    addCounts(entry.total, counts);
    const at = Math.floor((minute - from) / MINUTE_MS);
    entry.minutes[at] = (entry.minutes[at] ?? 0) + counts.requests;
  });
  return found;
}

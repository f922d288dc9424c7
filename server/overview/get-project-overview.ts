import { z } from "zod";
import { listRequests } from "#server/governance/index.ts";
import { defineUseCase } from "#server/identity/index.ts";
import { listRuns } from "#server/pipelines/index.ts";
import { getProject } from "#server/projects/index.ts";
import type { ProjectOverview } from "./contract.ts";
import { liveModels } from "./live-models.ts";
import { lastPromotions } from "./promotions.ts";

/** What a project has live, how well that does, what changed last, and what waits. Parts that the reader may not see are left out. */
export const getProjectOverview = defineUseCase({
  name: "overview.get-project",
  scope: "project:read",
  effect: "read",
  input: z.object({}),
  async run({ actor, project, scopes, db }): Promise<ProjectOverview> {
    const may = (scope: (typeof scopes)[number]): boolean => scopes.includes(scope);
    const dto = await getProject(actor, project.id, {});
    const [live, requests, runs, datasets, models] = await Promise.all([
      liveModels(db, actor, dto),
      may("governance:read") ? listRequests(actor, project.id, {}) : [],
      may("pipelines:read") ? listRuns(actor, project.id, { limit: 5 }) : null,
      db.dataset.count({ where: { projectId: project.id } }),
      db.registeredModel.count({ where: { projectId: project.id, deletedAt: null } }),
    ]);
    return {
      project: dto,
      live,
      promotions: await lastPromotions(db, project.id, requests, 5),
      requests: requests.filter((request) => request.closedAt === null && request.status !== "completed"),
      runs: runs?.runs ?? null,
      counts: { datasets, models },
    };
  },
});

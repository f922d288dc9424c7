import { z } from "zod";
import { whyNotDecide } from "#server/governance/index.ts";
import { defineUseCase } from "#server/identity/index.ts";
import type { Waiting } from "./contract.ts";

/** What waits in a project's sections: requests that the reader may decide, open alerts, pipeline runs that have not ended. */
export const countWaiting = defineUseCase({
  name: "overview.count-waiting",
  scope: "project:read",
  effect: "read",
  input: z.object({}),
  async run({ actor, project, scopes, db }): Promise<Waiting> {
    const projectId = project.id;
    const [ready, monitoring, pipelines] = await Promise.all([
      scopes.includes("governance:decide")
        ? db.promotionRequest.findMany({
            where: { projectId, status: "ready" },
            select: { status: true, barred: true, decisions: true },
            take: 200,
          })
        : [],
      scopes.includes("monitoring:read") ? db.alert.count({ where: { projectId, status: "open" } }) : 0,
      scopes.includes("pipelines:read")
        ? db.pipelineRun.count({ where: { projectId, status: { in: ["queued", "preparing", "running"] } } })
        : 0,
    ]);
    const reviews = ready.filter((request) => whyNotDecide(actor, scopes, request, request.decisions) === null).length;
    return { reviews, monitoring, pipelines };
  },
});

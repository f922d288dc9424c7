import { z } from "zod";
import { whyBarred } from "#server/governance/index.ts";
import { defineUseCase } from "#server/identity/index.ts";
import type { RolloutDto } from "../rollout-contract.ts";
import { findRollout, ranMs } from "./rollout-row.ts";

/** The rollout of a promotion request with what the reader may do to it; null for a request without one. */
export const getRollout = defineUseCase({
  name: "serving.get-rollout",
  scope: "serving:read",
  effect: "read",
  input: z.object({ number: z.coerce.number().int().min(1) }),
  async run({ input, actor, project, scopes, db }): Promise<RolloutDto | null> {
    const found = await db.rollout.findFirst({
      where: { projectId: project.id, requestNumber: input.number },
      select: { id: true },
    });
    if (!found) return null;
    const row = await findRollout(db, found.id);
    const model = await db.registeredModel.findUnique({ where: { id: row.modelId }, select: { name: true } });
    const arms = await db.endpointArm.findMany({
      where: { requestId: row.requestId, kind: "canary", endedAt: null },
      include: { endpoint: { select: { name: true } } },
      orderBy: { startedAt: "asc" },
    });
    const step = row.policy.steps[row.step];
    const active = row.state === "running" || row.state === "paused";
    const allowed = active && scopes.includes("governance:rollback");
    const decides = active && row.policy.complete_early && scopes.includes("governance:decide");
    return {
      requestNumber: row.requestNumber,
      model: model?.name ?? "",
      version: row.version,
      baseVersion: row.baseVersion,
      policy: row.policy,
      state: row.state,
      step: row.step,
      share: active ? (step?.share ?? 0) : 0,
      startedAt: row.startedAt.toISOString(),
      stepSince: row.stepSince.toISOString(),
      timeLeftMs: active ? Math.max(0, (step?.minutes ?? 0) * 60_000 - ranMs(row, Date.now())) : 0,
      requestsLeft: active ? Math.max(0, row.policy.guards.min_requests - (row.reading?.challenger.requests ?? 0)) : 0,
      reading: row.reading,
      history: row.history,
      endpoints: arms.map((arm) => ({ name: arm.endpoint.name, problem: arm.problem })),
      reason: row.reason,
      endedBy: row.endedBy,
      endedAt: row.endedAt?.toISOString() ?? null,
      may: {
        pause: allowed && row.state === "running",
        resume: allowed && row.state === "paused",
        revert: allowed,
        complete: decides && (await whyBarred(db, actor, row.requestId)) === null,
      },
    };
  },
});

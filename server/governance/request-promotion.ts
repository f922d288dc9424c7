import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { getVersion, setVersionState } from "#server/registry/index.ts";
import { getSelection } from "#server/tracking/index.ts";
import type { VersionDto } from "#server/registry/contract.ts";
import { ACTIVE_STATUSES, OPEN_STATUSES, PolicySpec, RequestPromotionInput } from "./contract.ts";
import { evaluateRequest } from "./jobs.ts";
import { closeRequest } from "./close-request.ts";
import { activePolicy, findRequest } from "./request-parts.ts";
import { layOutChecks } from "./void-approvals.ts";

const Trigger = z.object({
  kind: z.enum(["person", "retraining"]),
  alert: z.number().optional(),
  pipelineRun: z.number().optional(),
  monitor: z.string().optional(),
});

/** People whose own work the request is, each with the reason: they may not decide on it. */
async function barredPeople(
  db: Db,
  projectId: string,
  version: VersionDto,
  requester: string | null,
  policyAuthor: string | null,
) {
  const [run, pipelineRun] = await Promise.all([
    version.runId ? db.run.findFirst({ where: { id: version.runId, projectId }, select: { createdBy: true } }) : null,
    version.pipelineRun
      ? db.pipelineRun.findFirst({ where: { id: version.pipelineRun.id, projectId }, select: { createdBy: true } })
      : null,
  ]);
  const entries: [string | null | undefined, string][] = [
    [requester, "requested the promotion"],
    [version.createdById, "registered the version"],
    [run?.createdBy, "ran the training"],
    [pipelineRun?.createdBy, "started the pipeline"],
    [policyAuthor, "last changed the policy"],
  ];
  const seen = new Set<string>();
  return entries.flatMap(([userId, reason]) => {
    if (!userId || seen.has(userId)) return [];
    seen.add(userId);
    return [{ userId, reason }];
  });
}

/**
 * Asks to make a version champion: pins the policy, the champion of now and who may not decide, and starts the checks.
 * Errors: conflict when the version is champion already, has an open request or lacks what a promotion needs, not_found, invalid_input for a choice of
 * another run.
 */
export const requestPromotion = defineUseCase({
  name: "governance.request-promotion",
  scope: "governance:request",
  effect: "write",
  input: RequestPromotionInput.extend({ trigger: Trigger.default({ kind: "person" }) }),
  async run({ input, actor, project, db, audit, publish, enqueue }) {
    const version = await getVersion(actor, project.id, { name: input.model, version: input.version });
    const page = `/p/${project.slug}/models/${encodeURIComponent(version.model)}/${version.version}`;
    if (version.aliases.includes("champion"))
      throw new AppError("conflict", `${version.model} version ${version.version} is the champion already.`, {
        field: "version",
        value: input.version,
      });
    if (version.incomplete.length > 0)
      throw new AppError(
        "conflict",
        `${version.model} version ${version.version} is incomplete: ${version.incomplete.join(" ")}`,
        {
          field: "version",
          value: input.version,
          remedy: "Train it in a pipeline run and register what that run made.",
        },
      );
    if (input.selection !== undefined) {
      const { chosen } = await getSelection(actor, project.id, { selection: input.selection });
      if (chosen === null || chosen.runId !== version.runId)
        throw new AppError(
          "invalid_input",
          `That choice did not choose the run of ${version.model} ${version.version}.`,
          {
            field: "selection",
            value: input.selection,
            remedy: "Name the choice that chose the run from which the version was registered, or none.",
          },
        );
    }
    await db.$queryRaw`select id from registered_models where id = ${version.modelId}::uuid for update`;
    const open = await db.promotionRequest.findFirst({
      where: { projectId: project.id, versionId: version.id, status: { in: [...ACTIVE_STATUSES] } },
      select: { number: true },
    });
    if (open)
      throw new AppError("conflict", `Request ${open.number} for this version is still open.`, {
        field: "version",
        value: input.version,
        remedy: "Decide it or take it back first.",
        page: { href: `/p/${project.slug}/reviews/${open.number}`, label: `Open request ${open.number}` },
      });
    const policy = await activePolicy(db, project.id, version.model);
    const champion = await db.modelAlias.findUnique({
      where: { modelId_alias: { modelId: version.modelId, alias: "champion" } },
    });
    await db.$queryRaw`select id from projects where id = ${project.id}::uuid for update`;
    const last = await db.promotionRequest.findFirst({
      where: { projectId: project.id },
      orderBy: { number: "desc" },
      select: { number: true },
    });
    const request = await db.promotionRequest.create({
      data: {
        projectId: project.id,
        number: (last?.number ?? 0) + 1,
        modelId: version.modelId,
        versionId: version.id,
        baseVersionId: champion?.versionId ?? null,
        policyId: policy.id,
        reason: input.reason,
        trigger: { ...input.trigger, ...(input.selection === undefined ? {} : { selection: input.selection }) },
        requestedBy: actor.userId,
        requestedByName: actor.name,
        barred: await barredPeople(db, project.id, version, actor.userId, policy.createdBy),
      },
    });
    await layOutChecks(db, request.id, 1, PolicySpec.parse(policy.spec));
    await setVersionState(db, version.id, "candidate");
    await audit({
      action: "promotion.requested",
      subject: { type: "promotion-request", id: request.id },
      summary: `${actor.name} requested to make ${version.model} version ${version.version} champion`,
      details: {
        number: request.number,
        version: version.version,
        policy: policy.version,
        page,
        ...(input.selection === undefined ? {} : { selection: input.selection }),
      },
    });
    await enqueue(evaluateRequest, { projectId: project.id, requestId: request.id, evaluation: 1 });
    await publish("reviews", request.id);
    await publish("models", version.id);
    return { id: request.id, number: request.number };
  },
});

/** Takes a request back. The requester may, and who manages the project's requests for the platform. Errors: conflict when it is closed. */
export const withdrawRequest = defineUseCase({
  name: "governance.withdraw-request",
  scope: "governance:request",
  effect: "write",
  input: z.object({ number: z.coerce.number().int().min(1), reason: z.string().trim().max(1000).default("") }),
  async run({ input, actor, project, db, audit, publish }) {
    const request = await findRequest(db, project.id, input.number);
    if (!(OPEN_STATUSES as readonly string[]).includes(request.status) && request.status !== "stale")
      throw new AppError("conflict", `Request ${request.number} is ${request.status} and cannot be withdrawn.`, {
        field: "number",
        value: input.number,
      });
    if (actor.kind !== "system" && request.requestedBy && request.requestedBy !== actor.userId)
      throw new AppError("forbidden", `Only ${request.requestedByName} may withdraw this request.`, {
        field: "number",
        value: input.number,
        remedy: "A reviewer can reject it.",
      });
    await closeRequest(db, project.id, request, "withdrawn");
    await audit({
      action: "promotion.withdrawn",
      subject: { type: "promotion-request", id: request.id },
      summary: `${actor.name} withdrew request ${request.number}`,
      details: { reason: input.reason },
    });
    await publish("reviews", request.id);
    await publish("models", request.versionId);
    return { number: request.number };
  },
});

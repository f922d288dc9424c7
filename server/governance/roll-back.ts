import { z } from "zod";
import { defineUseCase } from "#server/identity/index.ts";
import { notify, peopleWithRole } from "#server/inbox/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { assignAlias, dropAlias, setVersionState } from "#server/registry/index.ts";
import { approvalKeys } from "./approval-keys.ts";
import { versionToApprove } from "./approval-statement.ts";
import { type FormerChampion, RollBackInput, type RollbackTargets } from "./contract.ts";
import { championChanged } from "./events.ts";
import { findApprovals } from "./find-approvals.ts";
import { makeOthersStale } from "./make-others-stale.ts";

async function findModel(db: Db, projectId: string, name: string) {
  const model = await db.registeredModel.findUnique({
    where: { projectId_name: { projectId, name } },
    select: { id: true, name: true, aliases: { where: { alias: "champion" }, include: { version: true } } },
  });
  if (!model)
    throw new AppError("not_found", `There is no model '${name}' in this project.`, {
      field: "model",
      value: name,
      remedy: "Choose one from Models.",
    });
  return { ...model, champion: model.aliases[0]?.version ?? null };
}

/** Versions that were champion before the one of now, the last first, each with whether its approvals still prove it. */
async function formerChampions(
  db: Db,
  model: { readonly id: string; readonly champion: { readonly id: string } | null },
): Promise<(FormerChampion & { readonly requestId: string })[]> {
  const requests = await db.promotionRequest.findMany({
    where: {
      modelId: model.id,
      status: "completed",
      ...(model.champion ? { versionId: { not: model.champion.id } } : {}),
    },
    orderBy: { closedAt: "desc" },
    select: { number: true, versionId: true, closedAt: true, createdAt: true },
  });
  // A version that was champion twice is one target.
  const newest = requests.filter((request, i) => requests.findIndex((r) => r.versionId === request.versionId) === i);
  const versions = await Promise.all(newest.map((request) => versionToApprove(db, request.versionId)));
  const deleted = await db.modelVersion.findMany({
    where: { id: { in: newest.map((request) => request.versionId) }, deletedAt: { not: null } },
    select: { id: true },
  });
  const approvals = await findApprovals(db, versions, "champion", approvalKeys());
  return newest.flatMap((request, i) => {
    const version = versions[i];
    if (!version) return [];
    const approval = approvals.get(request.versionId);
    const refused = deleted.some(({ id }) => id === request.versionId)
      ? "The version was deleted."
      : approval?.proof
        ? null
        : `Its approval does not hold: ${approval?.problem ?? "there is none"}.`;
    return [
      {
        version: version.version,
        versionId: request.versionId,
        request: approval?.proof?.requestNumber ?? request.number,
        requestId: approval?.proof?.requestId ?? "",
        since: (request.closedAt ?? request.createdAt).toISOString(),
        approvedBy: approval?.proof ? approval.approvedBy : [],
        refused,
      },
    ];
  });
}

/** What a model can be rolled back to. Errors: not_found. */
export const listRollbackTargets = defineUseCase({
  name: "governance.list-rollback-targets",
  scope: "governance:read",
  effect: "read",
  input: z.object({ model: z.string() }),
  async run({ input, project, db }): Promise<RollbackTargets> {
    const model = await findModel(db, project.id, input.model);
    const targets = await formerChampions(db, model);
    return {
      current: model.champion?.version ?? null,
      targets: targets.map(({ requestId: _id, ...target }) => target),
    };
  },
});

/**
 * Makes an earlier champion champion again, at once: the last one, or the version that is named. It asks for no new decision, because that version was approved and its
 * signed approvals still prove it and its file. What was compared with the champion of now goes stale, a rollout under way ends, and the people hear of it.
 *
 * Errors: not_found for a model of another project or a version that was never champion; conflict when there is nothing to go back to, or its approvals hold no more.
 */
export const rollBack = defineUseCase({
  name: "governance.roll-back",
  scope: "governance:rollback",
  effect: "write",
  input: RollBackInput,
  async run({ input, actor, project, db, audit, publish, emit }) {
    const { id: modelId } = await findModel(db, project.id, input.model);
    await db.$queryRaw`select id from registered_models where id = ${modelId}::uuid for update`;
    const model = await findModel(db, project.id, input.model);
    const former = await formerChampions(db, model);
    const target =
      input.version === undefined
        ? former.find((one) => one.refused === null)
        : former.find((one) => one.version === input.version);
    if (input.version !== undefined && model.champion?.version === input.version)
      throw new AppError("conflict", `Version ${input.version} is the champion already.`, {
        field: "version",
        value: input.version,
      });
    if (!target)
      throw input.version === undefined
        ? new AppError("conflict", `${input.model} has no earlier champion whose approval still holds.`, {
            field: "model",
            value: input.model,
            remedy: "Stop its endpoints, or request the promotion of a version.",
          })
        : new AppError("not_found", `Version ${input.version} was never champion of ${input.model}.`, {
            field: "version",
            value: input.version,
            remedy: "Choose an earlier champion, or request the promotion of this version.",
          });
    if (target.refused !== null)
      throw new AppError("conflict", `Version ${target.version} cannot become champion again. ${target.refused}`, {
        field: "version",
        value: target.version,
        remedy: "Choose another earlier champion, or request its promotion anew.",
      });
    const { versionId } = target;
    const before = model.champion;
    await assignAlias(db, { modelId, alias: "champion", versionId });
    await dropAlias(db, { modelId, alias: "challenger", versionId });
    if (before) await setVersionState(db, before.id, "retired");
    await setVersionState(db, versionId, "champion");
    const stale = await makeOthersStale({ db, project, publish }, { modelId, except: null });
    const sentence = `${actor.name} rolled ${model.name} back${before ? ` from version ${before.version}` : ""} to version ${target.version}`;
    await audit({
      action: "champion.rolled_back",
      subject: { type: "model-version", id: versionId },
      summary: `${sentence}: ${input.reason}`,
      details: {
        before: before?.version ?? null,
        after: target.version,
        reason: input.reason,
        request: target.request,
        stale,
      },
    });
    const people = await peopleWithRole(db, project.id, ["scientist", "reviewer", "maintainer"]);
    await notify(db, {
      projectId: project.id,
      userIds: people.map((person) => person.id).filter((id) => id !== actor.userId),
      kind: "alert",
      title: sentence,
      body: input.reason,
      href: `/p/${project.slug}/models/${encodeURIComponent(model.name)}`,
      dedupKey: `rollback:${modelId}`,
    });
    await emit(championChanged, {
      projectId: project.id,
      modelId,
      modelName: model.name,
      versionId,
      requestId: target.requestId,
    });
    await publish("models", modelId);
    await publish("endpoints", modelId);
    return { model: model.name, before: before?.version ?? null, version: target.version, stale };
  },
});

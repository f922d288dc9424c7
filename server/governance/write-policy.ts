import { createHash } from "node:crypto";
import { z } from "zod";
import { type Actor, defineUseCase, systemActor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { OPEN_STATUSES } from "./contract.ts";
import { parsePolicy } from "./policy-file.ts";
import { reevaluateRequest } from "./void-approvals.ts";

const storePolicy = defineUseCase({
  name: "governance.write-policy",
  scope: "governance:policy",
  effect: "write",
  input: z.object({ text: z.string().min(1).max(100_000) }),
  async run({ input, actor, project, db, audit, publish }) {
    const spec = parsePolicy(input.text);
    await db.$queryRaw`select id from projects where id = ${project.id}::uuid for update`;
    const before = await db.policy.findFirst({
      where: { projectId: project.id, modelName: spec.model },
      orderBy: { version: "desc" },
    });
    const sha256 = createHash("sha256").update(input.text).digest("hex");
    if (before?.sha256 === sha256)
      throw new AppError("conflict", `The text is version ${before.version} of the policy, unchanged.`, {
        field: "text",
        remedy: "There is nothing to save.",
      });
    const policy = await db.policy.create({
      data: {
        projectId: project.id,
        modelName: spec.model,
        version: (before?.version ?? 0) + 1,
        text: input.text,
        spec,
        sha256,
        createdBy: actor.userId,
      },
    });
    await audit({
      action: "policy.written",
      subject: { type: "policy", id: policy.id },
      summary: `${actor.name} wrote version ${policy.version} of the policy for ${spec.model}`,
      details: { before: before?.sha256 ?? null, after: sha256 },
    });
    // Who writes the rules may not decide by them: the author joins the barred people of every request that the new rules now judge.
    const open = await db.promotionRequest.findMany({
      where: { projectId: project.id, status: { in: [...OPEN_STATUSES] }, policy: { modelName: spec.model } },
    });
    for (const request of open) {
      const barred = z.array(z.object({ userId: z.string(), reason: z.string() })).parse(request.barred);
      if (actor.userId && !barred.some((entry) => entry.userId === actor.userId))
        await db.promotionRequest.update({
          where: { id: request.id },
          data: { barred: [...barred, { userId: actor.userId, reason: "last changed the policy" }] },
        });
    }
    await publish("reviews", policy.id);
    return {
      model: spec.model,
      version: policy.version,
      open: open.map((request) => request.number),
      projectId: project.id,
    };
  },
});

/**
 * Makes a new version of the policy for the model that its text names. Open requests of that model are evaluated anew under it, and approvals they had are
 * void. Errors: invalid_input with line and column, conflict for an unchanged text.
 */
export async function writePolicy(
  actor: Actor,
  project: string,
  input: { text: string },
): Promise<{ model: string; version: number; reevaluated: number }> {
  const { open, projectId, model, version } = await storePolicy(actor, project, input);
  for (const number of open)
    await reevaluateRequest(systemActor("Touchstone", actor.requestId), projectId, {
      number,
      reason: `the policy was changed to version ${version}`,
    });
  return { model, version, reevaluated: open.length };
}

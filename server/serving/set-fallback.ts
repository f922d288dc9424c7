import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { Prisma } from "#server/platform/db.ts";
import { ModelSignature } from "#server/registry/contract.ts";
import { type Fallback, SetFallbackInput } from "./arms-contract.ts";
import { wrongInFallback } from "./fallback.ts";
import { findEndpoint } from "./find-endpoint.ts";

/**
 * Declares what an endpoint answers while nothing else can: every row gets these values, marked as a fallback. Null: such requests are refused with 503.
 * Errors: not_found; conflict without a champion whose outputs they could be; invalid_input that names each wrong value or output and what it must be.
 */
export const setFallback = defineUseCase({
  name: "serving.set-fallback",
  scope: "serving:write",
  effect: "write",
  input: SetFallbackInput,
  async run({ input, actor, project, db, audit, publish }): Promise<{ name: string; fallback: Fallback | null }> {
    const endpoint = await findEndpoint(db, project.id, input.name);
    const { modelId } = endpoint;
    if (input.fallback) {
      const champion = await db.modelVersion.findFirst({
        where: { projectId: project.id, modelId, aliases: { some: { modelId, alias: "champion" } } },
        select: { signature: true },
      });
      const signature = ModelSignature.safeParse(champion?.signature);
      if (!signature.success)
        throw new AppError("conflict", `'${endpoint.name}' has no champion whose outputs a fallback could stand for.`, {
          field: "fallback",
          remedy: "Request the promotion of a version first.",
        });
      const wrong = wrongInFallback(input.fallback, signature.data);
      const [first] = wrong;
      if (first)
        throw new AppError("invalid_input", `${first.field}: ${first.message}`, {
          field: first.field,
          value: first.value,
          issues: wrong.map(({ field, message }) => ({ field, message })),
          remedy: "State every output as the champion gives it for one row.",
        });
    }
    await db.endpoint.update({
      where: { id: endpoint.id },
      data: { fallback: input.fallback ?? Prisma.DbNull },
    });
    await audit({
      action: "endpoint.fallback-set",
      subject: { type: "endpoint", id: endpoint.id },
      summary: input.fallback
        ? `${actor.name} declared what ${endpoint.name} answers while its champion cannot`
        : `${actor.name} took back the fallback of ${endpoint.name}`,
      details: { before: endpoint.fallback, after: input.fallback },
    });
    await publish("endpoints", endpoint.id);
    return { name: endpoint.name, fallback: input.fallback };
  },
});

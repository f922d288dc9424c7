import { defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { featureColumns, ModelSignature } from "#server/registry/contract.ts";
import { ChangeLogRulesInput, type LogRules } from "./arms-contract.ts";
import { findEndpoint } from "./find-endpoint.ts";
import { logRulesOf } from "./log-rules.ts";
import { percent } from "./start-arm.ts";

/**
 * Changes what an endpoint's log keeps from now on: which share of the predictions, and which columns not, or hashed. What is logged already stays as it
 * is. Errors: not_found; invalid_input for a column that the champion does not have.
 */
export const changeLogRules = defineUseCase({
  name: "serving.change-log-rules",
  scope: "serving:write",
  effect: "write",
  input: ChangeLogRulesInput,
  async run({ input, actor, project, db, audit, publish }): Promise<LogRules> {
    const endpoint = await findEndpoint(db, project.id, input.name);
    const { modelId } = endpoint;
    const before = logRulesOf(endpoint);
    if (input.redaction) {
      const champion = await db.modelVersion.findFirst({
        where: { projectId: project.id, modelId, aliases: { some: { modelId, alias: "champion" } } },
        select: { signature: true },
      });
      const signature = ModelSignature.safeParse(champion?.signature);
      const { numbers, categories } = signature.success
        ? featureColumns(signature.data)
        : { numbers: [], categories: [] };
      const columns = [...numbers, ...categories];
      // A rule of today may speak of a column that an earlier champion had.
      const unknown = Object.keys(input.redaction).find(
        (column) => !columns.includes(column) && !(column in before.redaction),
      );
      if (unknown !== undefined)
        throw new AppError("invalid_input", `redaction.${unknown}: the champion has no such column.`, {
          field: `redaction.${unknown}`,
          value: unknown,
          remedy: columns.length > 0 ? `It has ${columns.join(", ")}.` : "There is no champion yet.",
        });
    }
    const after: LogRules = { share: input.share ?? before.share, redaction: input.redaction ?? before.redaction };
    await db.endpoint.update({
      where: { id: endpoint.id },
      data: { logShare: after.share, redaction: { ...after.redaction } },
    });
    const kept = Object.keys(after.redaction).length;
    await audit({
      action: "endpoint.log-rules-changed",
      subject: { type: "endpoint", id: endpoint.id },
      summary: `${actor.name} changed the log of ${endpoint.name}: it keeps ${percent(after.share)} of the predictions${kept > 0 ? `, with ${kept} column${kept === 1 ? "" : "s"} dropped or hashed` : ""}`,
      details: { before: { ...before }, after: { ...after } },
    });
    await publish("endpoints", endpoint.id);
    return after;
  },
});

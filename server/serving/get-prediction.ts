import { z } from "zod";
import { defineUseCase, systemActor } from "#server/identity/index.ts";
import { AppError, isAppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { featureColumns, type ModelSignature, type VersionDto } from "#server/registry/contract.ts";
import { getVersionById } from "#server/registry/index.ts";
import { approvalsOf } from "./approvals.ts";
import type { PredictionDetail, PredictionLineage } from "./contract.ts";
import { findEndpoint } from "./find-endpoint.ts";
import { LOGGED, type LoggedRow, summaryOf, versionsOf } from "./list-predictions.ts";

/**
 * One logged prediction by its id with what went in, what came out, what really happened, and where it comes from: version, run, commit, dataset
 * version. Of an id that was used several times the newest. Errors: not_found.
 */
export const getPrediction = defineUseCase({
  name: "serving.get-prediction",
  scope: "serving:log",
  effect: "read",
  input: z.object({ name: z.string(), id: z.string().min(1).max(200) }),
  async run({ input, actor, project, db }): Promise<PredictionDetail> {
    const endpoint = await findEndpoint(db, project.id, input.name);
    const rows = await db.$queryRaw<LoggedRow[]>`${LOGGED}
      where p.endpoint_id = ${endpoint.id}::uuid and p.prediction_id = ${input.id} order by p.received_at desc limit 100`;
    const [row] = rows;
    if (!row)
      throw new AppError("not_found", `The endpoint '${input.name}' has logged no prediction with this id.`, {
        field: "id",
        value: input.id,
        remedy: "Ids are in parameters.prediction_ids of the answer; old predictions are dropped after some time.",
      });
    const version = (await versionsOf(db, project.id, [row])).get(row.version_id);
    const classes = version?.signature?.classes ?? [];
    return {
      ...summaryOf(row, version),
      requestId: row.request_id,
      endpoint: endpoint.name,
      features: version?.signature ? featuresOf(row, version.signature) : [],
      probabilities: (row.probabilities ?? []).map((value, i) => ({ label: classes[i] ?? String(i), value })),
      repeats: rows.length,
      lineage: await lineageOf(db, project.id, await versionOf(actor.requestId, project.id, row.version_id)),
    };
  },
});

/** The logged values under their names, in the order of the model's inputs. */
function featuresOf(row: LoggedRow, signature: ModelSignature): PredictionDetail["features"] {
  const { numbers, categories } = featureColumns(signature);
  const values = new Map<string, number | string | null>([
    ...numbers.map((name, i) => [name, row.numbers[i] ?? null] as const),
    ...categories.map((name, i) => [name, row.categories[i] ?? null] as const),
  ]);
  return signature.inputs.flatMap((tensor) => {
    const own = featureColumns({ inputs: [tensor] });
    return [...own.numbers, ...own.categories].map((name) => {
      const value = values.get(name) ?? null;
      // JSON has no NaN, which is how a missing number was sent.
      if (typeof value === "number" && Number.isNaN(value)) return { name, value: "NaN" };
      return { name, value: tensor.datatype === "FP32" && typeof value === "number" ? asSent(value) : value };
    });
  });
}

/** The shortest decimal number that 32 bits round to this one: what the caller most likely wrote. */
function asSent(value: number): number {
  for (let digits = 6; digits < 9; digits += 1) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return value;
}

/**
 * The version behind a prediction: who may read the prediction may read where it comes from. A version that was deleted since leaves no lineage.
 */
async function versionOf(requestId: string, projectId: string, id: string): Promise<VersionDto | null> {
  try {
    return await getVersionById(systemActor("Touchstone", requestId), projectId, { id });
  } catch (error) {
    if (isAppError(error, "not_found")) return null;
    throw error;
  }
}

async function lineageOf(db: Db, projectId: string, version: VersionDto | null): Promise<PredictionLineage> {
  if (!version) return { version: null, run: null, pipelineRun: null, commit: null, dataset: null, request: null };
  const [run, request] = await Promise.all([
    version.runId
      ? db.run.findFirst({ where: { id: version.runId, projectId }, select: { id: true, name: true } })
      : null,
    db.promotionRequest.findFirst({
      where: { projectId, versionId: version.id, status: { in: ["completed", "rolling_out"] } },
      orderBy: { closedAt: "desc" },
      select: { id: true },
    }),
  ]);
  const approval = request ? (await approvalsOf(db, [request.id])).get(request.id) : undefined;
  return {
    version: { id: version.id, model: version.model, version: version.version, sha256: version.sha256 },
    run,
    pipelineRun: version.pipelineRun ? { id: version.pipelineRun.id, number: version.pipelineRun.number } : null,
    commit: version.commit,
    dataset: version.dataset,
    request: approval ? { number: approval.number, approvedBy: approval.approvedBy } : null,
  };
}

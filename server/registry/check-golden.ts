import { z } from "zod";
import { defineUseCase, systemActor } from "#server/identity/index.ts";
import { AppError, isAppError } from "#server/kernel/errors.ts";
import { prisma } from "#server/platform/db.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import { localPath } from "#server/platform/objects.ts";
import type { ModelRuntime, ModelSource } from "#server/platform/runtimes.ts";
import {
  compareGolden,
  Golden,
  GoldenCheck,
  GoldenSummary,
  ModelName,
  ModelSignature,
  worstSentence,
} from "./contract.ts";
import { modelVersionChanged } from "./events.ts";
import { findGolden, goldenColumns } from "./find-golden.ts";
import { findVersion, findVersionById } from "./find-version.ts";
import { checkGolden, type GoldenRef } from "./jobs.ts";
import { versionDto } from "./version-dto.ts";

/** Writes down how a version's file answered its golden rows. */
export const recordGoldenCheck = defineUseCase({
  name: "registry.record-golden-check",
  scope: "registry:write",
  effect: "write",
  input: z.object({ versionId: z.uuid(), check: GoldenCheck }),
  async run({ input, project, db, audit, publish }) {
    const row = await findVersionById(db, project.id, input.versionId);
    const { check } = input;
    if (row.goldenCheck === null)
      throw new AppError("conflict", "The version has no golden rows.", { field: "versionId", value: input.versionId });
    const summary = { ...GoldenSummary.parse(row.goldenCheck), check };
    await db.modelVersion.update({ where: { id: row.id }, data: { goldenCheck: summary } });
    const said =
      check.state === "agrees"
        ? `agrees with its ${check.rows} golden rows`
        : check.worst && check.state === "disagrees"
          ? `does not agree with its golden rows. ${worstSentence(check.worst, check.rows)}`
          : `could not be compared with its golden rows: ${check.reason ?? ""}`;
    await audit({
      action: check.state === "agrees" ? "model.golden_agreed" : "model.golden_disagreed",
      subject: { type: "model-version", id: row.id },
      summary: `${row.model.name} version ${row.version} ${said}`,
      details: { ...check },
    });
    await publish("models", row.id);
    return { state: check.state };
  },
});

/** Runs the file and compares. What cannot be run is a finding about the file, not a fault of the job. */
async function compared(
  models: ModelRuntime,
  file: Omit<ModelSource, "path">,
  signature: ModelSignature,
  golden: Golden,
) {
  const checkedAt = new Date().toISOString();
  try {
    const source = { ...file, path: await localPath(file.sha256) };
    const answers = await models.runRows(source, golden.inputs, golden.rows, Object.keys(golden.outputs));
    return { ...compareGolden(golden, signature, answers), checkedAt };
  } catch (error) {
    if (!isAppError(error) && !(error instanceof RangeError)) throw error;
    const place = isAppError(error) ? error.place.remedy : undefined;
    const reason = [error.message, place].filter(Boolean).join(" ");
    return { state: "failed" as const, rows: golden.rows, ties: 0, worst: null, reason, checkedAt };
  }
}

/** The job: compares a version's file with its golden rows. Safe to repeat. */
export async function checkGoldenJob({ projectId, versionId }: GoldenRef, { models }: JobContext): Promise<void> {
  const row = await prisma().modelVersion.findFirst({
    where: { id: versionId, projectId, deletedAt: null },
    include: { model: { select: { name: true } } },
  });
  if (!row?.golden || !row.sha256) return;
  const { sha256 } = row;
  const signature = ModelSignature.parse(row.signature);
  const runtime = row.runtime === "pyfunc" ? "pyfunc" : "onnx";
  const file = { runtime, name: row.model.name, sha256, signature } as const;
  const check = await compared(models, file, signature, Golden.parse(row.golden));
  await recordGoldenCheck(systemActor("Touchstone"), projectId, { versionId, check });
}

/**
 * Compares a version with its golden rows anew; a version that has none takes those that were logged since it was registered (MLflow registers while it
 * logs the model, before the script can log anything else). Rows that are there are never replaced.
 * Errors: conflict for a version without a model that can be run, not_found when nothing was logged, invalid_input when what was logged does not fit.
 */
export const takeGolden = defineUseCase({
  name: "registry.take-golden",
  scope: "registry:write",
  effect: "write",
  input: z.object({ name: ModelName, version: z.coerce.string() }),
  async run({ input, actor, project, db, audit, publish, emit, enqueue }) {
    const row = await findVersion(db, project.id, input.name, input.version);
    const what = `${input.name} version ${row.version}`;
    if (!row.sha256 || row.signature === null)
      throw new AppError("conflict", `${what} has no model that golden rows could be compared with.`, {
        field: "version",
        value: input.version,
        remedy: "Register a version with an ONNX file, or an MLflow model that was logged with a signature.",
      });
    const from = {
      loggedModelId: row.loggedModelId ?? undefined,
      runId: row.runId ?? undefined,
      folder: /^runs:\/[^/]+\/(.+)$/.exec(row.source)?.[1],
    };
    const known = row.goldenCheck === null ? null : GoldenSummary.parse(row.goldenCheck);
    const found = known ? null : await findGolden(db, project.id, from, ModelSignature.parse(row.signature));
    if (!known && !found)
      throw new AppError("not_found", `No golden rows were logged for ${what}.`, {
        field: "version",
        value: input.version,
        remedy: "Log touchstone/golden.json with the run or golden.json beside the model, then look again.",
      });
    const data = found ? goldenColumns(found) : { goldenCheck: { ...known, check: null } };
    await db.modelVersion.update({ where: { id: row.id }, data });
    await audit({
      action: "model.golden_taken",
      subject: { type: "model-version", id: row.id },
      summary: found
        ? `${actor.name} gave ${what} ${found.rows} golden rows from ${found.source}`
        : `${actor.name} had ${what} compared with its golden rows again`,
    });
    await enqueue(checkGolden, { projectId: project.id, versionId: row.id });
    if (found) await emit(modelVersionChanged, { projectId: project.id, versionId: row.id });
    await publish("models", row.id);
    return await versionDto(db, await findVersionById(db, project.id, row.id));
  },
});

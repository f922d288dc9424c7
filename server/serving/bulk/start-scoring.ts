import { openVersion } from "#server/data/index.ts";
import type { OpenedVersion } from "#server/data/contract.ts";
import { findApprovals, versionToApprove } from "#server/governance/index.ts";
import { defineUseCase, systemActor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { TableFile } from "#server/platform/table-file.ts";
import { demandDistinct } from "#server/platform/table-writer.ts";
import type { ModelSignature, VersionDto } from "#server/registry/contract.ts";
import { getVersion, getVersionById } from "#server/registry/index.ts";
import { z } from "zod";
import { type ScoringDto, type ScoringSpec, StartScoringInput } from "../contract.ts";
import { runScoring } from "../jobs.ts";
import { nextNumber } from "./next-number.ts";
import { predictionColumns, versionColumn } from "./prediction-columns.ts";
import { scoredColumns } from "./scored-columns.ts";
import { scoringDto } from "./scoring-reads.ts";

/**
 * Starts to score the rows of a dataset version with a model version; a worker does it, and registers the predictions as a version of the dataset `into`.
 * Any version with a signature may score: its approval, or that nobody approved it, is written into what comes out.
 * Errors: invalid_input naming the column that does not fit, before anything is started; not_found; forbidden for whoever may not write data.
 */
export const startScoring = defineUseCase({
  name: "serving.start-scoring",
  scope: "serving:predict",
  effect: "write",
  timeoutMs: 60_000,
  input: StartScoringInput.extend({
    /** Of the platform's own callers: asked again under the same key, the scoring that there is is answered. */
    key: z.string().max(200).optional(),
  }),
  async run({ input, actor, project, role, scopes, db, audit, enqueue, publish }): Promise<ScoringDto> {
    if (role !== "system" && !scopes.includes("data:write"))
      throw new AppError("forbidden", "A batch scoring adds a dataset version: it needs data:write.", {
        field: "scope",
        value: "data:write",
        remedy: actor.token
          ? "Create a token with the scope data:write in Settings."
          : "Ask a maintainer of the project for a role that has it.",
      });
    const key = actor.kind === "system" ? (input.key ?? null) : null;
    if (key !== null) {
      const there = await db.bulkWork.findUnique({ where: { projectId_key: { projectId: project.id, key } } });
      if (there && there.status !== "failed" && there.status !== "cancelled") return scoringDto(there);
      // Tried again: the one that ended badly stays in the list, under no key.
      if (there) await db.bulkWork.update({ where: { id: there.id }, data: { key: null } });
    }
    const version = await versionOf(db, actor.requestId, project.id, input.model, input.version);
    const signature = signatureOf(version);
    const reference = input.datasetVersion === undefined ? input.dataset : `${input.dataset}@${input.datasetVersion}`;
    const source = await openVersion(db, project.id, reference);
    await demandFitting(signature, source, input.features ?? null);
    const keep = keptColumns(source, signature, input);
    if (input.into === source.name)
      throw new AppError("invalid_input", `The predictions would become a version of '${source.name}' itself.`, {
        field: "into",
        value: input.into,
        remedy: `Choose another name, such as ${source.name}-scored.`,
      });
    const spec: ScoringSpec = {
      model: version.model,
      version: version.version,
      modelVersionId: version.id,
      dataset: source.name,
      datasetVersion: source.version,
      datasetVersionId: source.id,
      into: input.into,
      keep,
      prefix: input.prefix,
      features: input.features ?? null,
      approval: await approvalOf(db, version.id),
    };
    const row = await db.bulkWork.create({
      data: {
        projectId: project.id,
        kind: "scoring",
        number: await nextNumber(db, project.id, "scoring"),
        spec,
        modelVersionId: version.id,
        datasetVersionId: source.id,
        rowsTotal: BigInt(source.rows),
        key,
        createdBy: actor.userId,
        createdByName: actor.name,
      },
    });
    await enqueue(runScoring, { projectId: project.id, workId: row.id });
    await audit({
      action: "scoring.started",
      subject: { type: "scoring", id: row.id },
      summary: `${actor.name} started to score ${source.name} version ${source.version} (${source.rows} rows) with ${version.model} version ${version.version}${spec.approval ? "" : ", which nobody has approved"}`,
      details: spec,
    });
    await publish("bulk", row.id);
    return scoringDto(row);
  },
});

/** A version by its number, "@alias" or "latest". Who may score may know what the version is. */
async function versionOf(
  db: Db,
  requestId: string,
  projectId: string,
  model: string,
  reference: string,
): Promise<VersionDto> {
  const reader = systemActor("Touchstone", requestId);
  if (reference !== "latest") return await getVersion(reader, projectId, { name: model, version: reference });
  const newest = await db.modelVersion.findFirst({
    where: { projectId, deletedAt: null, model: { name: model, deletedAt: null } },
    orderBy: { version: "desc" },
    select: { id: true },
  });
  if (!newest)
    throw new AppError("not_found", `There is no registered model '${model}' with a version in this project.`, {
      field: "model",
      value: model,
      remedy: "Choose one from Models.",
    });
  return await getVersionById(reader, projectId, { id: newest.id });
}

function signatureOf({ model, version, sha256, signature }: VersionDto): ModelSignature {
  if (!sha256 || !signature)
    throw new AppError(
      "invalid_input",
      `${model} version ${version} has no signature, so nothing says what it takes.`,
      {
        field: "version",
        value: version,
        remedy: "Choose a version with a model file that can be served.",
      },
    );
  if (predictionColumns(signature, "").length === 0)
    throw new AppError("invalid_input", `Nothing says what the outputs of ${model} version ${version} mean.`, {
      field: "version",
      value: version,
      remedy:
        "Export the model with the metadata touchstone.task, or with the usual names of outputs (label, probabilities, variable).",
    });
  return signature;
}

/** Refuses a column of text for numbers with the first row that is none, where a CSV has one such cell. */
async function demandFitting(
  signature: ModelSignature,
  source: OpenedVersion,
  features: readonly string[] | null,
): Promise<void> {
  try {
    scoredColumns(signature, source.schema, source.format, features);
  } catch (error) {
    if (!(error instanceof AppError) || error.place.value !== "VARCHAR" || error.place.field === undefined) throw error;
    const column = error.place.field;
    await using table = await TableFile.open(
      source.path,
      source.format,
      Object.fromEntries(source.schema.map(({ name, type }) => [name, type])),
    );
    const name = `"${column.replaceAll('"', '""')}"`;
    const [cell] = await table.rows(
      `select row::double as row, value from (select row_number() over () as row, ${name} as value from data)
       where value is not null and try_cast(value as double) is null limit 1`,
    );
    if (!cell) throw error;
    throw new AppError(
      "invalid_input",
      `${error.message} In row ${Number(cell["row"])} it is ${JSON.stringify(cell["value"])}.`,
      {
        ...error.place,
        value: { row: Number(cell["row"]), column, value: cell["value"] },
        remedy: "Correct the cell and upload the file again: one cell that is no number makes a column of text.",
      },
    );
  }
}

function keptColumns(
  source: OpenedVersion,
  signature: ModelSignature,
  input: z.infer<typeof StartScoringInput>,
): string[] {
  const names = source.schema.map(({ name }) => name);
  const keep = input.keep ?? names;
  const unknown = keep.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new AppError("invalid_input", `The dataset has no column '${unknown}' to keep.`, {
      field: "keep",
      value: unknown,
      remedy: `Its columns are ${names.join(", ")}.`,
    });
  const added = [...predictionColumns(signature, input.prefix).map(({ name }) => name), versionColumn(input.prefix)];
  demandDistinct([...keep, ...added], "Leave one out of keep, or choose another prefix.");
  return keep;
}

/** By whose signed approval the version may be used in production, as endpoints ask it; null: by nobody's. */
async function approvalOf(db: Db, versionId: string): Promise<ScoringSpec["approval"]> {
  const asked = await versionToApprove(db, versionId);
  const finding = (await findApprovals(db, [asked], "champion")).get(versionId);
  return finding?.proof ? { request: finding.proof.requestNumber, approvedBy: [...finding.approvedBy] } : null;
}

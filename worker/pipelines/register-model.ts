import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { type Actor, systemActor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { localPath } from "#server/platform/objects.ts";
import { type ClaimedStep, manifestOf, renderWord } from "#server/pipelines/index.ts";
import type { RegisterResult, StoredOutput } from "#server/pipelines/contract.ts";
import { findModelContent, registerVersion } from "#server/registry/index.ts";
import { filesOf } from "#server/tracking/index.ts";
import { prisma } from "#server/platform/db.ts";

const MODEL = "model.onnx";
const CARD = "touchstone.json";
const MAX_CARD_BYTES = 1_000_000;

/** What a training step says of its model. Further keys are its own business. */
const Card = z.object({
  run_id: z.string("must be the id of the run that trained it").min(1),
  logged_model_id: z.string().nullish(),
  metrics: z.record(z.string(), z.number("must be a number")).default({}),
});
type Card = z.infer<typeof Card>;

const refuse = (message: string, remedy: string) => new AppError("invalid_input", message, { remedy });

/** The person who started the run, acting through the worker: the version is theirs, and they cannot approve it. */
function actorOf(run: ClaimedStep["run"]): Actor {
  return { ...systemActor(`${run.createdByName} (run ${run.number})`), userId: run.createdBy };
}

async function filesOfOutput(stored: StoredOutput): Promise<ReadonlyMap<string, string>> {
  if (stored.kind === "file") return new Map([[stored.path.split("/").at(-1) ?? "", stored.sha256]]);
  return new Map((await manifestOf(stored.sha256)).files.map((file) => [file.path, file.sha256]));
}

async function readCard(sha256: string): Promise<Card> {
  const file = await localPath(sha256);
  if ((await stat(file)).size > MAX_CARD_BYTES)
    throw refuse(`${CARD} is larger than 1 MB.`, "Keep only what describes the model.");
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch {
    throw refuse(`${CARD} is not JSON.`, "Write it with a JSON library; NaN and Infinity are no JSON.");
  }
  const card = Card.safeParse(value);
  if (card.success) return card.data;
  const [issue] = card.error.issues;
  throw refuse(
    `${CARD}: '${issue?.path.map(String).join(".") ?? ""}' ${issue?.message ?? "is wrong"}.`,
    "See docs: uses: register.",
  );
}

/** The logged model's own model.onnx must be the very file of the step's output: otherwise what was tracked is not what would be served. */
async function checkLoggedModel(projectId: string, loggedModelId: string, sha256: string): Promise<void> {
  const files = await filesOf(prisma(), projectId, { kind: "model", id: loggedModelId });
  const logged = files.find((file) => file.path === MODEL || file.path.endsWith(`/${MODEL}`));
  if (!logged)
    throw refuse(
      `The logged model ${loggedModelId} has no file ${MODEL}.`,
      "Log it with mlflow.onnx.log_model, or leave logged_model_id out.",
    );
  if (logged.sha256 !== sha256)
    throw refuse(
      `${MODEL} of the step's output (SHA-256 ${sha256.slice(0, 12)}…) is not the file of the logged model ${loggedModelId} (${logged.sha256.slice(0, 12)}…).`,
      "Write the bytes that were logged, or log the bytes that are written.",
    );
}

/**
 * Without a model.onnx in the output, the logged model itself becomes the version: an MLflow model is a folder of many files, and a copy of it in the output
 * could only differ from what was tracked. It must come from the run that the card names, or its lineage would be another's.
 */
async function checkTracked(projectId: string, card: Card, reference: string): Promise<void> {
  const { logged_model_id: id, run_id: runId } = card;
  if (!id)
    throw refuse(
      `The output ${reference} holds no file ${MODEL}, and ${CARD} names no logged model.`,
      `Write a folder with ${MODEL} and ${CARD}; for a model that Python loads, log it with MLflow and name it in ${CARD} as logged_model_id.`,
    );
  const logged = await prisma().loggedModel.findFirst({
    where: { id, projectId, deletedAt: null },
    select: { sourceRunId: true },
  });
  if (!logged)
    throw refuse(
      `There is no logged model ${id} in this project.`,
      "Write the model_id that mlflow.*.log_model answers.",
    );
  if (logged.sourceRunId !== runId)
    throw refuse(
      `The logged model ${id} comes from ${logged.sourceRunId ? `the run ${logged.sourceRunId}` : "no run"}, and ${CARD} names the run ${runId}.`,
      "Log the model inside of the run that trained it, and name that run.",
    );
  const { problem } = await findModelContent(prisma(), projectId, { loggedModelId: id });
  if (problem !== null)
    throw refuse(`The logged model ${id} cannot be served: ${problem}`, "Mend what logs it and run the step again.");
}

/**
 * The built-in step `uses: register`: the folder's model.onnx, else the logged model that touchstone.json names, becomes the next version of the named model,
 * with the lineage that touchstone.json and the run know. Doing it again for the same run answers the same version.
 * Errors: invalid_input with what is missing, and what registerVersion refuses.
 */
export async function registerModel(claimed: ClaimedStep): Promise<RegisterResult> {
  const { run, step } = claimed;
  if (!step.register) throw new Error(`step '${step.id}' registers nothing`);
  const { register } = step;
  const stored = claimed.upstream[register.step]?.[0]?.[register.output];
  if (!stored) throw new Error(`step '${register.step}' has stored no output '${register.output}'`);
  const files = await filesOfOutput(stored);
  const reference = `${register.step}.${register.output}`;
  const [modelFile, cardFile] = [files.get(MODEL), files.get(CARD)];
  if (!cardFile)
    throw refuse(
      `The output ${reference} holds no file ${CARD}.`,
      `Write a folder with ${CARD}, and ${MODEL} unless it names a logged model.`,
    );
  const card = await readCard(cardFile);
  if (!modelFile) await checkTracked(run.projectId, card, reference);
  else if (card.logged_model_id) await checkLoggedModel(run.projectId, card.logged_model_id, modelFile);
  const [name = ""] = renderWord(register.name, (r) => run.params[r.name]);
  const [dataset] = Object.values(run.datasets);
  const version = await registerVersion(actorOf(run), run.projectId, {
    model: name,
    ...(modelFile ? { sha256: modelFile } : {}),
    source: card.logged_model_id ? `models:/${card.logged_model_id}` : "",
    runId: card.run_id,
    ...(card.logged_model_id ? { loggedModelId: card.logged_model_id } : {}),
    pipelineRunId: run.id,
    commit: run.commit,
    ...(dataset ? { datasetVersionId: dataset.id } : {}),
    metrics: card.metrics,
    description: `Registered by run ${run.number} of the pipeline ${run.pipeline}.`,
  });
  return { modelName: version.model, versionId: version.id, version: version.version };
}

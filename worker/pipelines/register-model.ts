import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { type Actor, systemActor } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { localPath } from "#server/platform/objects.ts";
import { type ClaimedStep, manifestOf, renderWord } from "#server/pipelines/index.ts";
import type { RegisterResult, StoredOutput } from "#server/pipelines/contract.ts";
import { registerVersion } from "#server/registry/index.ts";
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

const refuse = (message: string, remedy: string) => new AppError("invalid_input", message, { remedy });

/** The person who started the run, acting through the worker: the version is theirs, and they cannot approve it. */
function actorOf(run: ClaimedStep["run"]): Actor {
  return { ...systemActor(`${run.createdByName} (run ${run.number})`), userId: run.createdBy };
}

async function filesOfOutput(stored: StoredOutput): Promise<ReadonlyMap<string, string>> {
  if (stored.kind === "file") return new Map([[stored.path.split("/").at(-1) ?? "", stored.sha256]]);
  return new Map((await manifestOf(stored.sha256)).files.map((file) => [file.path, file.sha256]));
}

async function readCard(sha256: string): Promise<z.infer<typeof Card>> {
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
 * The built-in step `uses: register`: the folder's model.onnx becomes the next version of the named model, with the lineage that touchstone.json and the
 * run know. Doing it again for the same run answers the same version. Errors: invalid_input with what is missing, and what registerVersion refuses.
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
  if (!modelFile || !cardFile)
    throw refuse(
      `The output ${reference} holds no file ${modelFile ? CARD : MODEL}.`,
      `Write a folder with ${MODEL} and ${CARD}.`,
    );
  const card = await readCard(cardFile);
  if (card.logged_model_id) await checkLoggedModel(run.projectId, card.logged_model_id, modelFile);
  const [name = ""] = renderWord(register.name, (r) => run.params[r.name]);
  const [dataset] = Object.values(run.datasets);
  const version = await registerVersion(actorOf(run), run.projectId, {
    model: name,
    sha256: modelFile,
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

import { setTimeout as sleep } from "node:timers/promises";
import { type Actor, systemActor } from "#server/identity/index.ts";
import { AppError, isAppError } from "#server/kernel/errors.ts";
import { type ClaimedStep, datasetReference, renderWord, SCORED } from "#server/pipelines/index.ts";
import type { ScoreResult, StoredOutput } from "#server/pipelines/contract.ts";
import { cancelScoring, getScoring, startScoring } from "#server/serving/index.ts";
import type { ScoringDto } from "#server/serving/contract.ts";

const LOOK_MS = 500;
/** How often the step's log says how far it is. */
const TELL_MS = 5_000;

/** The person who started the run, acting through the worker. */
function actorOf(run: ClaimedStep["run"]): Actor {
  return { ...systemActor(`${run.createdByName} (run ${run.number})`), userId: run.createdBy };
}

/**
 * The built-in step `uses: score`: starts a batch scoring of the step's dataset and waits for it. The scoring is found again by the step, so an attempt that
 * takes over from a dead worker goes on where it is. `ended`: aborted when the attempt has to end; only a cancelled run cancels the scoring.
 * Errors: what startScoring refuses, and the words of a scoring that failed.
 */
export async function scoreDataset(
  claimed: ClaimedStep,
  { ended, isCancelled, note }: { ended: AbortSignal; isCancelled: () => boolean; note: (line: string) => void },
): Promise<{ result: ScoreResult; outputs: Record<string, StoredOutput> }> {
  const { run, step } = claimed;
  const { score } = step;
  const [source] = Object.values(step.inputs);
  const pinned = source?.kind === "dataset" ? run.datasets[datasetReference(source)] : undefined;
  if (!score || !pinned) throw new Error(`step '${step.id}' scores nothing`);
  const text = (word: typeof score.model) => renderWord(word, (reference) => run.params[reference.name])[0] ?? "";
  const actor = actorOf(run);
  let scoring = await startScoring(actor, run.projectId, {
    key: `step ${claimed.stepId}`,
    model: text(score.model),
    version: text(score.version),
    dataset: pinned.name,
    datasetVersion: pinned.version,
    into: text(score.into),
    ...(score.keep ? { keep: [...score.keep] } : {}),
    ...(score.features ? { features: [...score.features] } : {}),
    ...(score.prefix === null ? {} : { prefix: score.prefix }),
  });
  const { model, version, approval } = scoring;
  note(
    `Batch scoring ${scoring.number}: ${scoring.rowsTotal} rows of ${pinned.name} version ${pinned.version} with ${model} version ${version}${approval ? "" : ", which nobody has approved"}.`,
  );
  for (let told = performance.now(); scoring.status === "queued" || scoring.status === "running"; ) {
    await sleep(LOOK_MS, undefined, { signal: ended }).catch(() => undefined);
    if (ended.aborted) {
      if (isCancelled()) await cancelled(actor, run.projectId, scoring.number);
      throw new AppError("unavailable", "The step ended before the scoring did.");
    }
    scoring = await getScoring(actor, run.projectId, { number: scoring.number });
    if (performance.now() - told < TELL_MS) continue;
    note(progressLine(scoring));
    told = performance.now();
  }
  return resultOf(scoring);
}

/** One that has ended meanwhile has nothing left to cancel. */
async function cancelled(actor: Actor, projectId: string, number: number): Promise<void> {
  await cancelScoring(actor, projectId, { number }).catch((error: unknown) => {
    if (!isAppError(error, "conflict")) throw error;
  });
}

function progressLine({ rowsDone, rowsTotal, rowsPerSecond, secondsLeft }: ScoringDto): string {
  const speed = rowsPerSecond === null ? "" : `, ${Math.round(rowsPerSecond)} a second`;
  const left = secondsLeft === null ? "" : `, about ${Math.ceil(secondsLeft)} s left`;
  return `${rowsDone} of ${rowsTotal} rows${speed}${left}`;
}

function resultOf({ number, status, result, error, cancelledBy, rowsTotal }: ScoringDto) {
  if (status === "cancelled")
    throw new AppError("conflict", `Batch scoring ${number} was cancelled by ${cancelledBy ?? "somebody"}.`);
  if (!result)
    throw new AppError(
      "invalid_input",
      error?.message ?? "The scoring failed.",
      error?.remedy ? { remedy: error.remedy } : {},
    );
  return {
    result: {
      scoring: number,
      dataset: result.dataset,
      datasetVersionId: result.versionId,
      version: result.version,
      rows: rowsTotal,
    },
    outputs: {
      [SCORED]: {
        sha256: result.sha256,
        sizeBytes: result.sizeBytes,
        kind: "file" as const,
        path: `${SCORED}.parquet`,
        files: 1,
      },
    },
  };
}

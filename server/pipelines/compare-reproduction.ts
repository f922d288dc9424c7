import { readFile } from "node:fs/promises";
import { type Actor, systemActor } from "#server/identity/index.ts";
import { isAppError, messageOf } from "#server/kernel/errors.ts";
import { writeAudit } from "#server/platform/audit.ts";
import { type Db, type Prisma, prisma } from "#server/platform/db.ts";
import { announce } from "#server/platform/events.ts";
import type { JobContext } from "#server/platform/jobs.ts";
import { localPath } from "#server/platform/objects.ts";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { filesOf, getMetricHistory, getRuns, listModelsOfRun, listRunsOfPipeline } from "#server/tracking/index.ts";
import {
  type ComparedFile,
  compareEnvironments,
  compareFiles,
  compareHistory,
  compareMetrics,
  compareTexts,
  verdictOf,
} from "./compare-runs.ts";
import { StoredOutputs } from "./contract.ts";
import type { FinishedRun } from "./jobs.ts";
import { type ReproductionResultDto, Tolerance } from "./origin-contract.ts";
import { manifestOf } from "./read-output.ts";
import { environmentOf } from "./run-environments.ts";
import { stepLabel } from "./stored-run.ts";

const MOST_TEXT_BYTES = 2_000_000;

/** The run of a repetition that answers to the original: of the same step and name the one in the same place. */
export function counterpart(
  original: RunSummaryDto,
  ofOriginal: readonly RunSummaryDto[],
  ofRepetition: readonly RunSummaryDto[],
): RunSummaryDto | null {
  const alike = (runs: readonly RunSummaryDto[]) =>
    runs.filter((run) => run.pipeline?.step === original.pipeline?.step && run.status === original.status);
  const named = (runs: readonly RunSummaryDto[]) => alike(runs).filter((run) => run.name === original.name);
  // Runs without a name of their own get a random one, which no repetition has.
  const choose = named(ofRepetition).length > 0 ? named : alike;
  const place = choose(ofOriginal).findIndex((run) => run.id === original.id);
  return choose(ofRepetition)[Math.max(0, place)] ?? null;
}

async function textOf(file: ComparedFile): Promise<string | null> {
  if (file.sizeBytes > MOST_TEXT_BYTES) return null;
  const content = await readFile(await localPath(file.sha256));
  return content.includes(0) ? null : content.toString("utf8");
}

/** The files of a run and of the models it logged, and the ids that may stand in them. */
async function filesOfRun(db: Db, actor: Actor, projectId: string, run: RunSummaryDto) {
  const models = await listModelsOfRun(actor, projectId, { runId: run.id });
  const files = new Map<string, ComparedFile>();
  for (const file of await filesOf(db, projectId, { kind: "run", id: run.id })) files.set(file.path, file);
  for (const [i, model] of models.entries()) {
    // Two models of one name are told apart by the order in which they were logged.
    const again = models.slice(0, i).filter((other) => other.name === model.name).length;
    const folder = again === 0 ? `model ${model.name}` : `model ${model.name} (${again + 1})`;
    for (const file of await filesOf(db, projectId, { kind: "model", id: model.id }))
      files.set(`${folder}/${file.path}`, file);
  }
  return { files, ids: [run.id, ...models.map((model) => model.id)] };
}

/** Every file that the steps of a pipeline run left, by "step.output/path". */
async function outputsOf(db: Db, pipelineRunId: string): Promise<Map<string, ComparedFile>> {
  const steps = await db.step.findMany({ where: { runId: pipelineRunId }, orderBy: { position: "asc" } });
  const files = new Map<string, ComparedFile>();
  for (const step of steps)
    for (const [name, output] of Object.entries(StoredOutputs.parse(step.outputs))) {
      const at = `${stepLabel(step)}.${name}`;
      if (output.kind === "file") files.set(at, output);
      else for (const file of (await manifestOf(output.sha256)).files) files.set(`${at}/${file.path}`, file);
    }
  return files;
}

async function historiesOf(
  actor: Actor,
  projectId: string,
  [original, repeated]: readonly [RunSummaryDto, RunSummaryDto],
  tolerance: Tolerance,
): Promise<ReproductionResultDto["histories"]> {
  if (!tolerance.histories) return [];
  const rows: ReproductionResultDto["histories"][number][] = [];
  for (const key of Object.keys(original.metrics).sort()) {
    if (!(key in repeated.metrics)) continue;
    const [a, b] = await Promise.all(
      [original, repeated].map(async (run) => {
        const { metrics } = await getMetricHistory(actor, projectId, { runId: run.id, key });
        return metrics.toSorted((x, y) => x.step - y.step);
      }),
    );
    rows.push(compareHistory(key, a ?? [], b ?? [], tolerance));
  }
  return rows;
}

type Row = Prisma.ReproductionGetPayload<object>;

async function compare(
  db: Db,
  row: Row,
  actor: Actor,
): Promise<{ runId: string; result: ReproductionResultDto } | string> {
  const { projectId } = row;
  const [original] = await getRuns(actor, projectId, { runIds: [row.originalRunId] });
  if (!original) return "The original run is gone.";
  const [ofOriginal, ofRepetition] = await Promise.all(
    [row.originalPipelineRunId, row.pipelineRunId].map((pipelineRunId) =>
      listRunsOfPipeline(actor, projectId, { pipelineRunId }),
    ),
  );
  const repeated = counterpart(original, ofOriginal ?? [], ofRepetition ?? []);
  const pipelineRun = await db.pipelineRun.findUniqueOrThrow({ where: { id: row.pipelineRunId } });
  if (!repeated)
    return pipelineRun.status === "succeeded"
      ? `The step ${original.pipeline?.step ?? ""} ran, but logged no run that ended as this one did.`
      : `The repetition ${pipelineRun.status === "cancelled" ? "was cancelled" : `failed: ${pipelineRun.error ?? "a step failed."}`}`;
  const tolerance = Tolerance.parse(row.tolerance);
  const [before, after] = await Promise.all([original, repeated].map((run) => filesOfRun(db, actor, projectId, run)));
  const [outputsBefore, outputsAfter] = await Promise.all(
    [row.originalPipelineRunId, row.pipelineRunId].map((id) => outputsOf(db, id)),
  );
  // What the repetition did not run, as nothing registers twice, cannot be compared.
  const ran = new Set(
    (await db.step.findMany({ where: { runId: row.pipelineRunId } })).map((step) => `${stepLabel(step)}.`),
  );
  const comparable = new Map(
    [...(outputsBefore ?? [])].filter(([name]) => [...ran].some((step) => name.startsWith(step))),
  );
  const pairs = pairedIds(ofOriginal ?? [], ofRepetition ?? []);
  const ids = {
    original: [...(before?.ids ?? []), ...pairs.original],
    repeated: [...(after?.ids ?? []), ...pairs.repeated],
  };
  const none = new Map<string, ComparedFile>();
  const [environment, otherEnvironment] = await Promise.all(
    [original, repeated].map((run) => environmentOf(db, actor, projectId, run)),
  );
  return {
    runId: repeated.id,
    result: {
      metrics: compareMetrics(original.metrics, repeated.metrics, tolerance),
      params: compareTexts(original.params, repeated.params),
      histories: await historiesOf(actor, projectId, [original, repeated], tolerance),
      artifacts: await compareFiles(before?.files ?? none, after?.files ?? none, ids, textOf),
      outputs: await compareFiles(comparable, outputsAfter ?? none, ids, textOf),
      environment: environment && otherEnvironment ? compareEnvironments(environment, otherEnvironment) : [],
    },
  };
}

/** Ids of all runs of the two pipeline runs, each beside the one that answers to it: outputs of later steps name the runs of earlier ones. */
function pairedIds(ofOriginal: readonly RunSummaryDto[], ofRepetition: readonly RunSummaryDto[]) {
  const original: string[] = [];
  const repeated: string[] = [];
  for (const run of ofOriginal) {
    const other = counterpart(run, ofOriginal, ofRepetition);
    if (!other) continue;
    original.push(run.id);
    repeated.push(other.id);
  }
  return { original, repeated };
}

/** The job that follows the end of a pipeline run: when it was a repetition, the two are compared and the verdict is kept. Safe to repeat. */
export async function compareReproductionJob({ projectId, runId }: FinishedRun, { log }: JobContext): Promise<void> {
  const db = prisma();
  const row = await db.reproduction.findFirst({ where: { projectId, pipelineRunId: runId } });
  if (row?.status !== "running") return;
  const actor = systemActor("worker");
  let outcome: Awaited<ReturnType<typeof compare>>;
  try {
    outcome = await compare(db, row, actor);
  } catch (error) {
    if (!isAppError(error)) log.error({ err: error, reproduction: row.id }, "two runs could not be compared");
    outcome = `The two runs could not be compared: ${messageOf(error)}`;
  }
  const failed = typeof outcome === "string";
  const verdict = typeof outcome === "string" ? { status: "failed", summary: outcome } : verdictOf(outcome.result);
  await db.$transaction(async (tx) => {
    const { count } = await tx.reproduction.updateMany({
      where: { id: row.id, status: "running" },
      data: {
        ...verdict,
        ...(typeof outcome === "string"
          ? {}
          : { runId: outcome.runId, result: outcome.result as unknown as Prisma.InputJsonValue }),
        finishedAt: new Date(),
      },
    });
    if (count === 0) return;
    await writeAudit(tx, actor, projectId, {
      action: "run.reproduced",
      subject: { type: "run", id: row.originalRunId },
      summary: failed
        ? `A reproduction failed: ${verdict.summary}`
        : `A reproduction is ${verdict.status}: ${verdict.summary}`,
      details: { reproduction: row.id, status: verdict.status },
    });
    await announce(tx, { projectId, topic: "runs", id: row.originalRunId });
  });
}

import { readFile } from "node:fs/promises";
import { type Actor, defineUseCase } from "#server/identity/index.ts";
import { isAppError } from "#server/kernel/errors.ts";
import type { Db } from "#server/platform/db.ts";
import { localPath } from "#server/platform/objects.ts";
import type { RunSummaryDto } from "#server/tracking/contract.ts";
import { filesOf, getRuns, listModelsOfRun } from "#server/tracking/index.ts";
import { AttemptOrigin, ListRunEnvironmentsInput, type RunEnvironmentDto } from "./origin-contract.ts";
import { mergeStated, parseEnvironmentYaml, parseRequirements, type StatedEnvironment } from "./stated-environment.ts";
import { paramsOfRow, stepLabel } from "./stored-run.ts";
import { commandLine } from "./step-dtos.ts";

const SEED = /^(?:.*[_.\- ])?(?:seed|random[_-]?state)$/i;
const STATED_FILES = /(?:^|\/)(requirements\.txt|conda\.ya?ml|python_env\.ya?ml)$/i;
const MOST_STATED_BYTES = 1_000_000;

/** The first value that is named like a seed; what the run itself logged comes first. */
export function seedOf(...sources: readonly Readonly<Record<string, unknown>>[]): RunEnvironmentDto["seed"] {
  for (const source of sources)
    for (const [name, value] of Object.entries(source))
      if (SEED.test(name) && (typeof value === "string" || typeof value === "number"))
        return { name, value: String(value) };
  return null;
}

/** What the step's attempt left that made a run; null when the run comes from outside, or from before such things were kept. */
export interface MadeBy {
  readonly attempt: number;
  readonly stepId: string;
  readonly step: string;
  readonly matrix: Readonly<Record<string, unknown>>;
  readonly origin: AttemptOrigin | null;
}

/** The attempt that a run was started in: of its step the last one that had begun by then. */
export async function madeBy(
  db: Db,
  projectId: string,
  run: Pick<RunSummaryDto, "pipeline" | "startTime">,
): Promise<MadeBy | null> {
  if (!run.pipeline) return null;
  const steps = await db.step.findMany({
    where: { projectId, runId: run.pipeline.runId },
    include: { attempts: { orderBy: { number: "asc" } } },
  });
  const step = steps.find((one) => stepLabel(one) === run.pipeline?.step);
  // The client states the start by its own clock, so a second or two do not count.
  const attempt =
    step?.attempts.findLast((one) => one.startedAt.getTime() <= run.startTime + 2000) ?? step?.attempts[0];
  if (!step || !attempt) return null;
  const origin = AttemptOrigin.safeParse(attempt.origin);
  return {
    attempt: attempt.number,
    stepId: step.id,
    step: step.name,
    matrix: step.matrix as Record<string, unknown>,
    origin: origin.success ? origin.data : null,
  };
}

/** The packages that a client logged beside its models, or as files of the run. */
async function statedBy(
  db: Db,
  actor: Actor,
  projectId: string,
  runId: string,
): Promise<StatedEnvironment & { sources: string[] }> {
  const models = await listModelsOfRun(actor, projectId, { runId });
  const owners = [
    { prefix: "", owner: { kind: "run" as const, id: runId } },
    ...models.map((model) => ({ prefix: `${model.name}/`, owner: { kind: "model" as const, id: model.id } })),
  ];
  const parts: StatedEnvironment[] = [];
  const sources: string[] = [];
  for (const { prefix, owner } of owners)
    for (const file of await filesOf(db, projectId, owner)) {
      const name = STATED_FILES.exec(file.path)?.[1];
      if (name === undefined || file.sizeBytes > MOST_STATED_BYTES) continue;
      const text = await readFile(await localPath(file.sha256), "utf8");
      parts.push(
        name.endsWith(".txt") ? { python: null, packages: parseRequirements(text) } : parseEnvironmentYaml(text),
      );
      sources.push(`${prefix}${file.path}`);
    }
  return { ...mergeStated(parts), sources };
}

/** Environment, machine and seed of one run: seen by the platform for a step's run, stated by the client for any other. */
export async function environmentOf(
  db: Db,
  actor: Actor,
  projectId: string,
  run: RunSummaryDto,
): Promise<RunEnvironmentDto> {
  const made = await madeBy(db, projectId, run);
  if (!run.pipeline) {
    const stated = await statedBy(db, actor, projectId, run.id);
    return {
      runId: run.id,
      stated: true,
      python: stated.python,
      node: null,
      packages: stated.sources.length === 0 ? null : stated.packages,
      lockSha256: null,
      sources: stated.sources,
      hardware: null,
      seed: seedOf(run.params),
      command: null,
    };
  }
  const pipelineRun = await db.pipelineRun.findFirst({
    where: { id: run.pipeline.runId, projectId },
    select: { params: true, environment: true },
  });
  const hash = made?.origin?.python?.environment ?? pipelineRun?.environment ?? null;
  const environment = hash === null ? null : await db.environment.findUnique({ where: { hash } });
  return {
    runId: run.id,
    stated: false,
    python: made?.origin?.python?.version ?? environment?.python ?? null,
    node: made?.origin?.node ?? null,
    packages: (environment?.packages ?? null) as Record<string, string> | null,
    lockSha256: environment?.lockSha256 ?? null,
    sources: environment?.packages ? ["lock of the environment"] : [],
    hardware: made?.origin?.hardware ?? null,
    seed: seedOf(run.params, pipelineRun ? paramsOfRow(pipelineRun.params) : {}, made?.matrix ?? {}),
    command: made?.origin ? commandLine(made.origin.command) : null,
  };
}

/** The environments of several runs in the order asked, so that they can be laid side by side. A run that is not there is left out. */
export const listRunEnvironments = defineUseCase({
  name: "pipelines.list-run-environments",
  scope: "tracking:read",
  effect: "read",
  input: ListRunEnvironmentsInput,
  async run({ input, actor, project, db }): Promise<RunEnvironmentDto[]> {
    const runs = await getRuns(actor, project.id, { runIds: input.runs });
    const found: RunEnvironmentDto[] = [];
    for (const run of runs)
      try {
        found.push(await environmentOf(db, actor, project.id, run));
      } catch (error) {
        // Purged between the two reads.
        if (!isAppError(error, "not_found")) throw error;
      }
    return found;
  },
});

import { z } from "zod";
import { compareCommits } from "#server/code/index.ts";
import { defineUseCase } from "#server/identity/index.ts";
import { AppError, isAppError } from "#server/kernel/errors.ts";
import type { RunDto } from "#server/tracking/contract.ts";
import { getRun, getRuns } from "#server/tracking/index.ts";
import type { RunOriginDto } from "./origin-contract.ts";
import { environmentOf, madeBy } from "./run-environments.ts";
import { paramsOfRow, triggerOfRow } from "./stored-run.ts";
import { triggerWords } from "./trigger-words.ts";

/** How the commit lies to its branch; null when the repository does not hold it. */
async function distanceOf(
  projectId: string,
  commit: string | null,
  branch: string | null,
): Promise<RunOriginDto["code"]["distance"]> {
  if (commit === null) return null;
  for (const candidate of [branch, "main"]) {
    if (candidate === null || commit.startsWith(candidate)) continue;
    try {
      return await compareCommits(projectId, commit, candidate);
    } catch (error) {
      if (!isAppError(error, "not_found")) throw error;
    }
  }
  return null;
}

/** Tags of clients: mlflow's own `mlflow.source.*`, and `mlflow.git.*` of its Git versioning. */
function statedCode(run: RunDto) {
  const tag = (...keys: string[]): string | null => {
    for (const key of keys) {
      const found = run.tags.find((one) => one.key === key)?.value;
      if (found) return found;
    }
    return null;
  };
  const dirty = tag("mlflow.source.git.dirty", "mlflow.git.dirty");
  const diff = tag("mlflow.source.git.diff", "mlflow.git.diff");
  return {
    commit: tag("mlflow.source.git.commit", "mlflow.git.commit"),
    branch: tag("mlflow.source.git.branch", "mlflow.git.branch"),
    repository: tag("mlflow.source.git.repoURL", "mlflow.git.repo_url"),
    dirty: dirty === null ? (diff === null ? null : true) : /^(true|1)$/i.test(dirty),
    diff,
    source: tag("mlflow.source.name"),
    user: tag("mlflow.user") ?? (run.userName || null),
  };
}

function missingFor(run: RunDto, code: RunOriginDto["code"]): string[] {
  if (run.pipeline) {
    if (run.pipeline.number === null) return ["The pipeline run that made it is gone."];
    return [];
  }
  return [
    "The command: it was started outside a pipeline, and only a pipeline's step has a command that Touchstone can run again.",
    code.commit === null
      ? "The commit: the client stated none. Start the script inside a Git work tree."
      : code.distance === null
        ? `The code: this project's repository does not hold the commit ${code.commit.slice(0, 10)}. Push it here.`
        : "",
    code.dirty === true && code.diff === null ? "The uncommitted changes: the client says that there were some." : "",
    run.datasets.length === 0
      ? "The data: no dataset version of this project was mounted; what the script logged as input is its own statement."
      : "",
    "The packages: what the client logged names versions, not the files that were installed.",
  ].filter(Boolean);
}

/** Where a run comes from: code, data, parameters, seed, versions, machine, command, who and why, seen or stated. Errors: not_found. */
export const getRunOrigin = defineUseCase({
  name: "pipelines.get-run-origin",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ run: z.string().max(64) }),
  async run({ input, actor, project, db, scopes }): Promise<RunOriginDto> {
    const run = await getRun(actor, project.id, { runId: input.run });
    const [summary] = await getRuns(actor, project.id, { runIds: [run.id] });
    if (!summary) throw new Error("unreachable: the run was just read");
    const [environment, made, pipelineRun, versions] = await Promise.all([
      environmentOf(db, actor, project.id, summary),
      madeBy(db, project.id, summary),
      run.pipeline ? db.pipelineRun.findFirst({ where: { id: run.pipeline.runId, projectId: project.id } }) : null,
      db.datasetVersion.findMany({
        where: { projectId: project.id, id: { in: run.datasets.map((one) => one.versionId) } },
        select: { id: true, sha256: true },
      }),
    ]);
    const stated = statedCode(run);
    const commit = run.commit ?? stated.commit;
    const branch = pipelineRun?.branch ?? stated.branch;
    const code: RunOriginDto["code"] = {
      commit,
      branch,
      repository: run.commit === null ? stated.repository : null,
      stated: run.commit === null,
      // A step runs in a fresh checkout of its commit: nothing else can be in it.
      dirty: run.commit === null ? stated.dirty : false,
      diff: run.commit === null ? stated.diff : null,
      source: stated.source,
      distance: scopes.includes("code:read") ? await distanceOf(project.id, commit, branch) : null,
    };
    return {
      kind: run.pipeline ? "pipeline" : "client",
      environment,
      lock: environment.lockSha256 !== null,
      code,
      datasets: run.datasets.map((dataset) => ({
        ...dataset,
        sha256: versions.find((one) => one.id === dataset.versionId)?.sha256 ?? "",
      })),
      inputs: run.inputs.map(({ name, digest, tags }) => ({
        name,
        digest,
        context: tags.find((tag) => tag.key === "mlflow.data.context")?.value ?? null,
      })),
      pipeline: pipelineRun && {
        runNumber: pipelineRun.number,
        name: pipelineRun.pipeline,
        path: pipelineRun.path,
        step: run.pipeline?.step ?? "",
        attempt: made?.attempt ?? null,
        trigger: triggerWords(triggerOfRow(pipelineRun.trigger), pipelineRun.createdByName),
        params: paramsOfRow(pipelineRun.params),
      },
      who: { known: run.createdBy ?? pipelineRun?.createdByName ?? null, stated: stated.user },
      missing: missingFor(run, code),
    };
  },
});

/** The lock of the environment that a run was made in, as a requirements file. Errors: not_found. */
export const getRunLock = defineUseCase({
  name: "pipelines.get-run-lock",
  scope: "tracking:read",
  effect: "read",
  input: z.object({ run: z.string().max(64) }),
  async run({ input, actor, project, db }): Promise<{ lock: string; sha256: string }> {
    const [summary] = await getRuns(actor, project.id, { runIds: [input.run] });
    const made = summary ? await madeBy(db, project.id, summary) : null;
    const pipelineRun = summary?.pipeline
      ? await db.pipelineRun.findFirst({ where: { id: summary.pipeline.runId, projectId: project.id } })
      : null;
    const hash = made?.origin?.python?.environment ?? pipelineRun?.environment ?? null;
    const row = hash === null ? null : await db.environment.findUnique({ where: { hash } });
    if (row?.lock && row.lockSha256) return { lock: row.lock, sha256: row.lockSha256 };
    throw new AppError("not_found", "No lock is kept for this run.", {
      field: "run",
      value: input.run,
      remedy: "Only runs of a pipeline with a Python environment have one.",
    });
  },
});

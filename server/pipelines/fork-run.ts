import { commitWorkspace, createBranch, getTree, readFile, readFileAt, saveFile } from "#server/code/index.ts";
import { type Actor, defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { getRun } from "#server/tracking/index.ts";
import { type ForkDto, ForkRunInput } from "./origin-contract.ts";
import { pinFile } from "./pin-file.ts";
import { madeBy } from "./run-environments.ts";
import { datasetsOfRow, paramsOfRow } from "./stored-run.ts";

/** A run's name as a part of a branch's name. */
function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  return slug || "run";
}

/** Makes a branch with the first free of the names `fork/x`, `fork/x-2`, … or with the one asked for. */
async function makeBranch(
  actor: Actor,
  projectId: string,
  wish: { base: string; asked: string | undefined; from: string },
): Promise<string> {
  if (wish.asked) return (await createBranch(actor, projectId, { name: wish.asked, from: wish.from })).branch;
  const { branches } = await getTree(actor, projectId, {});
  for (let i = 1; ; i++) {
    const name = i === 1 ? wish.base : `${wish.base}-${i}`;
    if (!branches.includes(name)) return (await createBranch(actor, projectId, { name, from: wish.from })).branch;
  }
}

/**
 * Copies a run's settings to a branch of their own: it begins at the run's commit, and in the pipeline file stand the run's parameters, its
 * combination of a matrix and its dataset versions, committed by whoever forks. Any member who may write code may do it. Errors: not_found; conflict for a run whose commit the repository does
 * not hold, or a branch that exists.
 */
export const forkRun = defineUseCase({
  name: "pipelines.fork-run",
  scope: "code:write",
  effect: "write",
  timeoutMs: 60_000,
  input: ForkRunInput,
  async run({ input, actor, project, db, audit }): Promise<ForkDto> {
    const run = await getRun(actor, project.id, { runId: input.run });
    const made = run.pipeline
      ? await db.pipelineRun.findFirst({ where: { id: run.pipeline.runId, projectId: project.id } })
      : null;
    if (!made)
      throw new AppError("conflict", "Only a run that a pipeline's step made has settings to copy.", {
        field: "run",
        value: input.run,
        remedy: "Its tab Origin says what is missing.",
      });
    const content = await readFileAt(project.id, made.commit, made.path);
    if (content === null)
      throw new AppError("conflict", `The commit ${made.commit.slice(0, 10)} holds no file '${made.path}'.`, {
        field: "run",
      });
    const datasets = Object.fromEntries(
      Object.entries(datasetsOfRow(made.datasets))
        .filter(([reference]) => !reference.includes("@"))
        .map(([, pinned]) => [pinned.name, pinned.version]),
    );
    const maker = await madeBy(db, project.id, run);
    const { text, changes } = pinFile(content.toString("utf8"), {
      params: paramsOfRow(made.params),
      datasets,
      cell: maker === null ? null : { step: maker.step, values: maker.matrix },
    });
    const branch = await makeBranch(actor, project.id, {
      base: `fork/${slugOf(run.name)}`,
      asked: input.branch,
      from: made.commit,
    });
    let commit = made.commit;
    if (changes.length > 0) {
      const { blob } = await readFile(actor, project.id, { branch, path: made.path });
      await saveFile(actor, project.id, { branch, path: made.path, text, expected: blob });
      const committed = await commitWorkspace(actor, project.id, {
        branch,
        paths: [made.path],
        message: `Take the settings of the run ${run.name}\n\nRun ${run.id}, pipeline run ${made.number}: ${changes.join("; ")}.`,
      });
      commit = committed.commit;
    }
    await audit({
      action: "run.forked",
      subject: { type: "run", id: run.id },
      summary: `${actor.name} forked the run ${run.name} to the branch ${branch}`,
      details: { branch, commit, path: made.path, changes },
    });
    return { branch, commit, path: made.path, changes };
  },
});

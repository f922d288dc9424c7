import { readFileAt, resolveRef } from "#server/code/index.ts";
import { openVersion } from "#server/data/index.ts";
import { type Actor, defineUseCase } from "#server/identity/index.ts";
import { AppError } from "#server/kernel/errors.ts";
import { isUuid } from "#server/kernel/ids.ts";
import type { Db } from "#server/platform/db.ts";
import { type PinnedDataset, type RunTrigger, StartRunInput } from "./contract.ts";
import { insertRun } from "./insert-run.ts";
import { requirePipelineFile } from "./pipeline-file.ts";
import { suggest } from "./problems.ts";
import { datasetReference, type PipelineSpec, type Scalar } from "./spec.ts";

/**
 * Starts a run of a pipeline file at a branch, tag or commit: the file is parsed, the parameters checked, every dataset pinned to a version, and the steps
 * are queued. Returns the run's id and number.
 *
 * Errors: not_found (ref, file, dataset), invalid_input with line and column of a wrong file, or naming the wrong parameter.
 */
export const startRun = defineUseCase({
  name: "pipelines.start-run",
  scope: "pipelines:run",
  effect: "write",
  input: StartRunInput,
  async run({ input, actor, project, db, audit, publish }) {
    const { pipelinePath: path } = input;
    const commit = await resolveRef(project.id, input.ref);
    const spec = await specAt(project.id, commit, path, input.ref);
    const params = overrideParams(spec, input.params);
    const datasets = await pinDatasets(db, project.id, spec, input.datasets);
    const trigger = triggerOf(actor, input.trigger);
    const branch = commit.startsWith(input.ref) ? commit.slice(0, 10) : input.ref;
    const run = await insertRun(db, {
      projectId: project.id,
      path,
      commit,
      branch,
      spec,
      params,
      datasets,
      trigger,
      actor,
    });
    await audit({
      action: "pipeline-run.started",
      subject: { type: "pipeline-run", id: run.id },
      summary: `${actor.name} started run ${run.number} of the pipeline ${spec.name} at ${branch} (${commit.slice(0, 10)})`,
      details: {
        number: run.number,
        path,
        commit,
        trigger: { ...trigger },
        params: { ...params },
        datasets: Object.fromEntries(Object.entries(datasets).map(([key, d]) => [key, `${d.name}@${d.version}`])),
      },
    });
    await publish("pipelines", run.id);
    return run;
  },
});

async function specAt(projectId: string, commit: string, path: string, ref: string): Promise<PipelineSpec> {
  const content = await readFileAt(projectId, commit, path);
  if (content === null)
    throw new AppError("not_found", `There is no file '${path}' at ${ref} (${commit.slice(0, 10)}).`, {
      field: "pipelinePath",
      value: path,
      remedy: "Add a pipeline file in Code, or name another one.",
    });
  return requirePipelineFile(content.toString("utf8"), path);
}

function overrideParams(spec: PipelineSpec, given: Readonly<Record<string, Scalar>>): Record<string, Scalar> {
  for (const [name, value] of Object.entries(given)) {
    const known = spec.params[name];
    if (known === undefined || !Object.hasOwn(spec.params, name))
      throw new AppError("invalid_input", `The pipeline has no parameter '${name}'.`, {
        field: `params.${name}`,
        value,
        remedy: suggest(name, Object.keys(spec.params)),
      });
    if (typeof known !== typeof value || (typeof value === "number" && !Number.isFinite(value)))
      throw new AppError("invalid_input", `The parameter '${name}' is a ${wordFor(known)}, not a ${wordFor(value)}.`, {
        field: `params.${name}`,
        value,
        remedy: `Give a ${wordFor(known)} such as ${String(known)}.`,
      });
  }
  return { ...spec.params, ...given };
}

function wordFor(value: Scalar): string {
  return typeof value === "string" ? "text" : typeof value === "number" ? "number" : "yes-or-no value";
}

async function pinDatasets(
  db: Db,
  projectId: string,
  spec: PipelineSpec,
  overrides: Readonly<Record<string, number | string>>,
): Promise<Record<string, PinnedDataset>> {
  const sources = spec.steps.flatMap((step) => Object.values(step.inputs).filter((input) => input.kind === "dataset"));
  const free = new Set(sources.filter((source) => source.version === null).map((source) => source.name));
  for (const name of Object.keys(overrides))
    if (!free.has(name))
      throw new AppError("invalid_input", `The pipeline does not read the newest version of a dataset '${name}'.`, {
        field: `datasets.${name}`,
        value: overrides[name],
        remedy: suggest(name, [...free]),
      });
  const pinned: Record<string, PinnedDataset> = {};
  for (const source of sources) {
    const key = datasetReference(source);
    if (Object.hasOwn(pinned, key)) continue;
    const chosen = source.version ?? overrides[source.name];
    const reference =
      chosen === undefined
        ? source.name
        : typeof chosen === "string" && isUuid(chosen)
          ? chosen
          : `${source.name}@${chosen}`;
    const { id, name, version, sha256, format } = await openVersion(db, projectId, reference);
    if (name !== source.name)
      throw new AppError(
        "invalid_input",
        `The version ${reference} belongs to the dataset '${name}', not to '${source.name}'.`,
        {
          field: `datasets.${source.name}`,
          value: reference,
        },
      );
    pinned[key] = { id, name, version, sha256, format };
  }
  return pinned;
}

/** What started the run. Only the platform may say that it was an alert or a part of itself. */
function triggerOf(actor: Actor, claimed: RunTrigger | undefined): RunTrigger {
  if (actor.kind === "system") return claimed ?? { kind: "system", by: actor.name };
  if (claimed !== undefined && claimed.kind !== "person" && claimed.kind !== "token")
    throw new AppError("forbidden", `Only Touchstone itself may start a run as '${claimed.kind}'.`, {
      field: "trigger",
      value: claimed.kind,
      remedy: "Leave the trigger out.",
    });
  return { kind: actor.kind };
}

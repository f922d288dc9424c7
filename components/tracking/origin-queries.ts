import { queryOptions } from "@tanstack/react-query";
import { api } from "#components/ui/api.ts";
import type { ForkDto, ReproductionDto, RunEnvironmentDto, RunOriginDto } from "#server/pipelines/contract.ts";
import type {
  EvaluationColumns,
  EvaluationDto,
  EvaluationTask,
  PredictionsFileDto,
  SelectionDto,
} from "#server/tracking/contract.ts";

const at = (project: string, path: string): string => `/api/v1/projects/${encodeURIComponent(project)}/${path}`;

/** Where a run comes from. */
export function originQuery(project: string, run: string) {
  return queryOptions({
    queryKey: [project, "runs", "origin", run],
    queryFn: ({ signal }) => api<RunOriginDto>(at(project, `runs/${run}/origin`), { signal }),
  });
}

/** The address of the lock of a run's environment. */
export const lockAddress = (project: string, run: string): string => at(project, `runs/${run}/origin/lock.txt`);

/** Versions, machine and seed of several runs, to be laid side by side. */
export function runEnvironmentsQuery(project: string, runs: readonly string[]) {
  return queryOptions({
    queryKey: [project, "runs", "environments", runs],
    queryFn: ({ signal }) =>
      api<RunEnvironmentDto[]>(at(project, "run-environments"), { query: { runs: runs.join(",") }, signal }),
    enabled: runs.length > 0,
  });
}

/** The reproductions of a run, newest first. */
export function reproductionsQuery(project: string, run: string) {
  return queryOptions({
    queryKey: [project, "runs", "reproductions", run],
    queryFn: ({ signal }) => api<ReproductionDto[]>(at(project, `runs/${run}/reproductions`), { signal }),
  });
}

export async function reproduceRun(
  project: string,
  run: string,
  wish: { absolute: string; relative: string; histories: boolean },
): Promise<ReproductionDto> {
  return await api<ReproductionDto>(at(project, `runs/${run}/reproductions`), { body: wish });
}

export async function forkRun(project: string, run: string, branch: string): Promise<ForkDto> {
  return await api<ForkDto>(at(project, `runs/${run}/fork`), { body: branch === "" ? {} : { branch } });
}

/** The evaluations of some runs, newest first. */
export function evaluationsQuery(project: string, runs: readonly string[]) {
  return queryOptions({
    queryKey: [project, "runs", "evaluations", runs],
    queryFn: ({ signal }) =>
      api<EvaluationDto[]>(at(project, "evaluations"), { query: { runs: runs.join(",") }, signal }),
    enabled: runs.length > 0,
  });
}

/** What a file of predictions holds and what its columns seem to mean. */
export function predictionsQuery(project: string, run: string, artifact: string) {
  return queryOptions({
    queryKey: [project, "runs", "predictions", run, artifact],
    queryFn: ({ signal }) =>
      api<PredictionsFileDto>(at(project, `runs/${run}/predictions`), { query: { artifact }, signal }),
    enabled: artifact !== "",
    retry: false,
  });
}

export async function startEvaluation(
  project: string,
  wish: {
    runId: string;
    artifact: string;
    name?: string;
    task: EvaluationTask;
    columns: EvaluationColumns;
    positive: string | null;
  },
): Promise<EvaluationDto> {
  return await api<EvaluationDto>(at(project, "evaluations"), { body: wish });
}

export async function deleteEvaluation(project: string, id: string): Promise<void> {
  await api(at(project, `evaluations/${id}`), { method: "DELETE" });
}

/** The choices of an experiment, or those that chose a run. */
export function selectionsQuery(project: string, of: { experiment?: number; run?: string }) {
  return queryOptions({
    queryKey: [project, "runs", "selections", of],
    queryFn: ({ signal }) => api<SelectionDto[]>(at(project, "selections"), { query: { ...of }, signal }),
  });
}

export async function chooseRun(project: string, body: object): Promise<SelectionDto> {
  return await api<SelectionDto>(at(project, "selections"), { body });
}

import path from "node:path";
import { env } from "#server/platform/env.ts";
import type { ClaimedStep } from "#server/pipelines/index.ts";
import type { AttemptFolder } from "./attempt-folder.ts";

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The whole environment of a step's process. Nothing of the worker's own gets in: it holds the database's password. */
export function stepEnvironment(
  claimed: ClaimedStep,
  folder: AttemptFolder,
  options: { token: string; python: string | null },
): Record<string, string> {
  const { run, step } = claimed;
  const threads = String(Math.ceil(step.cpu));
  const bins = [...(options.python ? [path.dirname(options.python)] : []), path.dirname(process.execPath), SYSTEM_PATH];
  return {
    PATH: bins.join(":"),
    HOME: folder.home,
    TMPDIR: folder.tmp,
    LANG: "C.UTF-8",
    PYTHONUNBUFFERED: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    OMP_NUM_THREADS: threads,
    OPENBLAS_NUM_THREADS: threads,
    MKL_NUM_THREADS: threads,
    MPLBACKEND: "Agg",
    GIT_PYTHON_REFRESH: "quiet",
    // Programs that report their use to their makers are asked not to.
    DO_NOT_TRACK: "true",
    MLFLOW_DISABLE_TELEMETRY: "true",
    ORT_DISABLE_TELEMETRY: "1",
    MLFLOW_TRACKING_URI: env().appUrl,
    MLFLOW_TRACKING_TOKEN: options.token,
    MLFLOW_EXPERIMENT_NAME: run.pipeline,
    TOUCHSTONE_PROJECT: run.projectSlug,
    TOUCHSTONE_PIPELINE_RUN: String(run.number),
    TOUCHSTONE_PIPELINE_RUN_ID: run.id,
    TOUCHSTONE_STEP: step.id,
    TOUCHSTONE_ATTEMPT: String(claimed.attempt),
    TOUCHSTONE_COMMIT: run.commit,
    ...(options.python ? { VIRTUAL_ENV: path.dirname(path.dirname(options.python)) } : {}),
  };
}

const PYTHON = /^python(3(\.\d+)?)?$/;

/** The command's words with its program resolved: `python` is the environment's, `node` the worker's own. */
export function resolveProgram(argv: readonly string[], python: string | null): string[] {
  const [program = "", ...rest] = argv;
  if (python && PYTHON.test(program)) return [python, ...rest];
  return [program === "node" ? process.execPath : program, ...rest];
}

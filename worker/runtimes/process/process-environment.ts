import path from "node:path";
import type { ProcessFolder } from "./process-folder.ts";

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The whole environment of a process that answers requests: no secret, no database, and libraries that keep to the processors it declared. */
export function processEnvironment(
  folder: ProcessFolder,
  options: { readonly cpu: number; readonly python: string | null },
): Record<string, string> {
  const threads = String(Math.max(1, Math.floor(options.cpu)));
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
    NUMEXPR_NUM_THREADS: threads,
    MPLBACKEND: "Agg",
    GIT_PYTHON_REFRESH: "quiet",
    // Programs that report their use to their makers are asked not to.
    DO_NOT_TRACK: "true",
    MLFLOW_DISABLE_TELEMETRY: "true",
    ORT_DISABLE_TELEMETRY: "1",
  };
}

import { checkoutCommit, readFileAt } from "#server/code/index.ts";
import { AppError, messageOf } from "#server/kernel/errors.ts";
import type { Log } from "#server/platform/log.ts";
import type { JsonSchema, ServicePlanEntry } from "#server/serving/contract.ts";
import path from "node:path";
import { ensureEnvironment } from "../../environments/ensure.ts";
import { findInterpreter } from "../../environments/plan.ts";
import { placeHost } from "../../runtimes/process/place-host.ts";
import { placement } from "../../runtimes/process/placement.ts";
import { processEnvironment } from "../../runtimes/process/process-environment.ts";
import { makeProcessFolder, type ProcessFolder, removeProcessFolder } from "../../runtimes/process/process-folder.ts";
import { type CallHandler, SupervisedProcess } from "../../runtimes/process/supervised-process.ts";
import { SchemaChecker } from "./schema-checker.ts";

const START_MS = 60_000;
/** Requests that one service may have under way. */
const IN_FLIGHT = 32;
const MB = 1024 * 1024;
const REQUIREMENTS = "services/requirements.txt";

/** A publication that answers. */
export interface LiveService {
  readonly entry: ServicePlanEntry;
  readonly process: SupervisedProcess;
  readonly checker: SchemaChecker;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
  /** Crashes that were counted already. */
  countedCrashes: number;
  /** Why it answers nothing now; changes without a new process. */
  stopped: string | undefined;
  readonly close: () => Promise<void>;
}

export interface OpenOptions {
  readonly workerId: string;
  readonly log: Log;
  readonly onCall: CallHandler;
}

/**
 * Loads a publication: its commit is checked out, its environment built, its process started, its schemas compiled. Throws AppError with what is wrong, with
 * nothing left behind.
 */
export async function openLiveService(entry: ServicePlanEntry, options: OpenOptions): Promise<LiveService> {
  const label = `the service ${entry.name} (publication ${entry.publication})`;
  const giveBack = placement().take(label, { memoryBytes: entry.memoryMb * MB, cpu: entry.cpu });
  const ends: (() => Promise<void> | void)[] = [giveBack];
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const folder = await makeProcessFolder();
    ends.push(() => removeProcessFolder(folder));
    await checkoutCommit(entry.projectId, entry.commit, folder.code);
    const running = await processOf(entry, label, folder, options);
    const facts = await running.start();
    ends.push(() => running.stop());
    const schemas = { input: facts["input"] as JsonSchema, output: facts["output"] as JsonSchema };
    const checker = await SchemaChecker.open(schemas);
    ends.push(() => checker.close());
    return { entry, process: running, checker, ...schemas, countedCrashes: 0, stopped: entry.stopped, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function processOf(
  entry: ServicePlanEntry,
  label: string,
  folder: ProcessFolder,
  { workerId, log, onCall }: OpenOptions,
): Promise<SupervisedProcess> {
  const isPython = entry.path.endsWith(".py");
  const host = await placeHost(isPython ? "python" : "typescript", folder);
  const file = path.join(folder.code, ...entry.path.split("/"));
  const python = isPython ? await pythonOf(entry, workerId, log) : null;
  const argv = python
    ? [python.interpreter, host, file]
    : [process.execPath, "--disable-warning=ExperimentalWarning", host, file];
  return new SupervisedProcess(
    {
      name: label,
      argv,
      env: processEnvironment(folder, { cpu: entry.cpu, python: python?.interpreter ?? null }),
      folder,
      readOnly: [...(python?.folders ?? []), path.dirname(process.execPath)],
      memoryBytes: entry.memoryMb * MB,
    },
    { startMs: START_MS, requestMs: entry.timeoutMs, inFlight: IN_FLIGHT },
    log,
    onCall,
  );
}

/** The Python of a service: the environment of services/requirements.txt where the repository has one, else the worker's own with its standard library. */
async function pythonOf(entry: ServicePlanEntry, workerId: string, log: Log) {
  const { projectId, commit } = entry;
  try {
    if ((await readFileAt(projectId, commit, REQUIREMENTS)) === null) return await findInterpreter(">=3.9");
    return await ensureEnvironment({
      projectId,
      commit,
      env: { python: ">=3.9", requirements: REQUIREMENTS },
      workerId,
      log,
      onLine: (line) => log.info({ service: entry.name }, line),
    });
  } catch (error) {
    throw new AppError("unavailable", messageOf(error), { field: "python", cause: error });
  }
}

/** What makes two entries need two processes. */
export function isSameProcess(a: ServicePlanEntry, b: ServicePlanEntry): boolean {
  const key = (entry: ServicePlanEntry) =>
    [entry.serviceId, entry.publicationId, entry.memoryMb, entry.cpu, entry.timeoutMs].join();
  return key(a) === key(b);
}

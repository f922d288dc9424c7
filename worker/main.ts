import { randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { log } from "#server/platform/log.ts";
import { closeDatabase } from "#server/platform/db.ts";
import { closeChanges } from "#server/platform/events.ts";
import { startQueue, stopQueue, WORKER_ROLES, type WorkerRole } from "#server/platform/jobs.ts";
import { environmentsForModels } from "./environments/for-models.ts";
import { runJobs } from "./job-runner.ts";
import { startOperationsServer } from "./operations-server.ts";
import { registerWorker } from "./registration.ts";
import { provideEnvironments } from "./runtimes/pyfunc/environments.ts";
import { sweepProcessFolders } from "./runtimes/process/process-folder.ts";
import { services } from "./services.ts";

/** The roles named by --roles a,b; all of them when it is absent. Throws an error that lists the known ones. */
function rolesFromArguments(): WorkerRole[] {
  const { values } = parseArgs({ options: { roles: { type: "string", default: WORKER_ROLES.join(",") } } });
  return values.roles.split(",").map((name) => {
    const role = WORKER_ROLES.find((known) => known === name.trim());
    if (!role) throw new Error(`--roles: '${name}' is not a role. Choose from ${WORKER_ROLES.join(", ")}.`);
    return role;
  });
}

const roles = rolesFromArguments();
const id = randomUUID();
const stopping = new AbortController();
const stops: (() => Promise<void>)[] = [];

/** Below the ten seconds after which the launcher insists. */
const STOP_LIMIT_MS = 9_000;

async function stop(reason: string): Promise<void> {
  if (stopping.signal.aborted) return;
  log.info({ reason }, "worker stopping");
  stopping.abort();
  // Killed together with the database, parts of the stop would wait for it for ever.
  setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
  let code = 0;
  for (const end of stops.reverse()) {
    await end().catch((error: unknown) => {
      code = 1;
      log.error({ err: error }, "a part of the worker did not stop cleanly");
    });
  }
  await stopQueue();
  await closeChanges();
  await closeDatabase();
  process.exit(code);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(signal));
process.on("unhandledRejection", (error) => {
  log.fatal({ err: error }, "an unhandled rejection; the worker ends and is started anew");
  process.exitCode = 1;
  void stop("unhandled rejection");
});

const boss = await startQueue(true);
stops.push(await registerWorker(id, roles));
provideEnvironments(environmentsForModels(id, log));
await sweepProcessFolders();
for (const service of services) {
  if (service.roles.some((role) => roles.includes(role)))
    stops.push(await service.start({ id, roles, log: log.child({ service: service.name }), signal: stopping.signal }));
}
stops.push(await runJobs(boss, roles, stopping.signal));
stops.push(await startOperationsServer(roles));
log.info({ roles, id }, "worker ready");

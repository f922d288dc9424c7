import type { PgBoss } from "pg-boss";
import type { Job, WorkerRole } from "#server/platform/jobs.ts";
import { ensureQueue } from "#server/platform/jobs.ts";
import { log } from "#server/platform/log.ts";
import { jobs, subscriptions } from "./registry.ts";
import { models } from "./runtimes/models.ts";

/** Starts the loops that run queued jobs of these roles. Returns what ends them. */
export async function runJobs(
  boss: PgBoss,
  roles: readonly WorkerRole[],
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  // Every queue exists before the first event is published, whatever roles this worker has: another worker may run them.
  for (const job of jobs) await ensureQueue(boss, job);
  for (const { event, job } of subscriptions) await boss.subscribe(event, job.name);
  const mine = jobs.filter((job) => roles.includes(job.role));
  for (const job of mine) await listen(boss, job, signal);
  return async () => {
    await Promise.all(mine.map((job) => boss.offWork(job.name, { wait: true })));
  };
}

async function listen(boss: PgBoss, job: Job, signal: AbortSignal): Promise<void> {
  const handle = await job.handler();
  const options = {
    pollingIntervalSeconds: 0.5,
    notifyPollingIntervalSeconds: 0.5,
    localConcurrency: job.concurrency,
    batchSize: 1,
  };
  await boss.work(job.name, options, async ([queued]) => {
    if (!queued) return;
    const jobLog = log.child({ job: job.name, jobId: queued.id });
    const started = performance.now();
    try {
      const payload: unknown = job.payload.parse(queued.data);
      await handle(payload, {
        log: jobLog,
        signal: AbortSignal.any([signal, queued.signal]),
        models,
      });
      jobLog.debug({ ms: Math.round(performance.now() - started) }, "job done");
    } catch (error) {
      jobLog.error({ err: error, ms: Math.round(performance.now() - started) }, "job failed");
      throw error;
    }
  });
}

import { jobs as dataJobs } from "#server/data/index.ts";
import type { Job, Subscription } from "#server/platform/jobs.ts";

/** Every job a worker can run, one line per domain's door. */
export const jobs: readonly Job[] = [...dataJobs] as readonly unknown[] as readonly Job[];

/** Which jobs follow which domain events. */
export const subscriptions: readonly Subscription[] = [];

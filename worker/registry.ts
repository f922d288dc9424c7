import type { Job, Subscription } from "#server/platform/jobs.ts";

/** Every job a worker can run, one line per domain's door. */
export const jobs: readonly Job[] = [];

/** Which jobs follow which domain events. */
export const subscriptions: readonly Subscription[] = [];

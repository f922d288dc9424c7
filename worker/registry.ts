import { jobs as dataJobs } from "#server/data/index.ts";
import { jobs as governanceJobs, subscriptions as governanceSubscriptions } from "#server/governance/index.ts";
import { jobs as monitoringJobs, subscriptions as monitoringSubscriptions } from "#server/monitoring/index.ts";
import { jobs as pipelineJobs, subscriptions as pipelineSubscriptions } from "#server/pipelines/index.ts";
import type { Job, Subscription } from "#server/platform/jobs.ts";
import { jobs as retentionJobs } from "#server/retention/index.ts";
import { jobs as registryJobs } from "#server/registry/index.ts";
import { jobs as servingJobs, subscriptions as servingSubscriptions } from "#server/serving/index.ts";
import { jobs as trackingJobs } from "#server/tracking/index.ts";

/** Jobs of different payloads in one list: the runner parses each payload with its own schema before it hands it on. */
const anyJobs = (...lists: readonly (readonly unknown[])[]): readonly Job[] => lists.flat() as readonly Job[];

/** Every job a worker can run, one line per domain's door. */
export const jobs: readonly Job[] = anyJobs(
  dataJobs,
  trackingJobs,
  registryJobs,
  governanceJobs,
  servingJobs,
  pipelineJobs,
  monitoringJobs,
  retentionJobs,
);

/** Which jobs follow which domain events. */
export const subscriptions: readonly Subscription[] = [
  ...governanceSubscriptions,
  ...servingSubscriptions,
  ...pipelineSubscriptions,
  ...monitoringSubscriptions,
];

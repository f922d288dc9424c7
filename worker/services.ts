import type { WorkerRole } from "#server/platform/jobs.ts";
import type { Log } from "#server/platform/log.ts";
import { bulk } from "./bulk/service.ts";
import { monitoring } from "./monitoring/service.ts";
import { pipelines } from "./pipelines/service.ts";
import { rollouts } from "./rollouts/service.ts";
import { retention } from "./retention/service.ts";
import { serving } from "./serving/service.ts";

export interface ServiceContext {
  /** This worker's id in the table of workers. */
  readonly id: string;
  readonly roles: readonly WorkerRole[];
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Something a worker runs for as long as it lives. `start` returns what stops it. */
export interface Service {
  readonly name: string;
  readonly roles: readonly WorkerRole[];
  readonly start: (context: ServiceContext) => Promise<() => Promise<void>>;
}

/** The long-running parts of a worker, by role. */
export const services: readonly Service[] = [pipelines, serving, monitoring, rollouts, retention, bulk];

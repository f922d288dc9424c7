/** Availability is told for so many days. */
export const AVAILABILITY_DAYS = 30;

/** What probes of an endpoint's readiness found; every count is a number of probes, one in 30 seconds. */
export interface ProbeCounts {
  /** Ready within a second. */
  readonly ok: number;
  /** Ready later than that. */
  readonly slow: number;
  /** Not ready, or no answer within five seconds. */
  readonly failed: number;
  /** Stopped by a person, or without a version yet: neither up nor down. */
  readonly excluded: number;
  /** Probes that nobody made: what was then is not known. */
  readonly unknown: number;
}

export interface Availability extends ProbeCounts {
  /** The beginning of the window: 30 days ago, or when the endpoint was created. ISO 8601. */
  readonly since: string;
  /** Of the probes that count (ok, slow, failed) the share that found it ready; null without any. */
  readonly uptime: number | null;
  readonly lastFailure: { readonly at: string; readonly text: string } | null;
}

export interface AvailabilityDay extends ProbeCounts {
  /** As 2013-07-01, UTC. */
  readonly day: string;
  readonly uptime: number | null;
}

export interface EndpointAvailability extends Availability {
  /** Oldest first. */
  readonly days: readonly AvailabilityDay[];
}

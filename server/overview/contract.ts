import { z } from "zod";
import type { RequestSummary } from "#server/governance/contract.ts";
import type { AuditEventDto, PersonDto } from "#server/identity/contract.ts";
import { AuditQuery } from "#server/identity/contract.ts";
import type { InboxItemDto } from "#server/inbox/contract.ts";
import type { RunSummary } from "#server/pipelines/contract.ts";
import type { ProjectDto } from "#server/projects/contract.ts";
import type { EndpointHealth, LiveVersion, TrafficTotals } from "#server/serving/contract.ts";

export interface ProjectName {
  readonly slug: string;
  readonly name: string;
}

/** How often a version was right, or how far it was off, on predictions whose outcome is known. Intervals cover 95%. */
export interface Score {
  /** share: right classes, 0 to 1. error: mean absolute error, in the unit of the predicted number. */
  readonly kind: "share" | "error";
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Predictions with an outcome. */
  readonly n: number;
  /** First and last day of the events, as 2013-07-01. */
  readonly from: string;
  readonly to: string;
}

export interface AlertLine {
  readonly project: ProjectName;
  readonly number: number;
  readonly endpoint: string;
  readonly kind: string;
  readonly title: string;
  readonly sentences: readonly string[];
  readonly status: string;
  readonly openedAt: string;
}

/** Where the live version comes from; null where a step was not recorded. */
export interface Lineage {
  readonly dataset: { readonly name: string; readonly version: number } | null;
  readonly pipelineRun: number | null;
  readonly runId: string | null;
  readonly commit: string | null;
}

/** One endpoint and what it does, for people who do not build models. */
export interface LiveModel {
  readonly project: ProjectName;
  readonly endpoint: string;
  readonly model: string;
  readonly health: EndpointHealth;
  /** Why it is not live, as a sentence; null when it is. */
  readonly reason: string | null;
  readonly live: LiveVersion | null;
  /** Plural noun of what is predicted: "flights". */
  readonly rows: string;
  readonly score: Score | null;
  readonly lastHour: TrafficTotals;
  /** Requests by minute of the last hour, oldest first. */
  readonly minutes: readonly number[];
  /** Predictions of the live version in the log. */
  readonly predictions: number;
  readonly alerts: readonly AlertLine[];
  readonly lineage: Lineage | null;
}

/** A promotion that happened, and what it changed. */
export interface Promotion {
  readonly number: number;
  readonly model: string;
  readonly version: number;
  readonly baseVersion: number | null;
  readonly at: string;
  readonly requestedBy: string;
  readonly approvedBy: readonly string[];
  /** The verdict on the hold-out, as a sentence. */
  readonly headline: string | null;
  readonly rows: string;
  /** What both versions did in production since. */
  readonly score: Score | null;
  readonly baseScore: Score | null;
}

export interface ProjectOverview {
  readonly project: ProjectDto;
  readonly live: readonly LiveModel[];
  readonly promotions: readonly Promotion[];
  /** Promotion requests that are not decided. */
  readonly requests: readonly RequestSummary[];
  /** The newest pipeline runs; null for readers who may not see runs. */
  readonly runs: readonly RunSummary[] | null;
  readonly counts: { readonly datasets: number; readonly models: number };
}

export interface InProject<T> {
  readonly project: ProjectName;
  readonly item: T;
}

export interface CommentLine {
  readonly id: string;
  readonly project: ProjectName;
  readonly request: number;
  readonly by: string;
  readonly body: string;
  readonly at: string;
}

/** What each role comes for. A part that is not the reader's is null. */
export interface Home {
  readonly projects: readonly ProjectDto[];
  readonly mayCreateProject: boolean;
  readonly inbox: { readonly items: readonly InboxItemDto[]; readonly unread: number };
  readonly science: {
    readonly running: readonly InProject<RunSummary>[];
    readonly failed: readonly InProject<RunSummary>[];
    readonly requests: readonly InProject<RequestSummary>[];
    readonly comments: readonly CommentLine[];
  } | null;
  /** Requests that wait for the reader's decision, oldest first, and those whose checks still run. */
  readonly reviews: {
    readonly waiting: readonly InProject<RequestSummary>[];
    readonly coming: readonly InProject<RequestSummary>[];
  } | null;
  readonly health: readonly LiveModel[] | null;
  readonly administration: {
    readonly workers: readonly WorkerLine[];
    readonly queues: readonly QueueLine[];
    readonly people: readonly PersonDto[];
    readonly audit: readonly AuditTrailEvent[];
  } | null;
}

/** How many things wait, by section of the project. */
export interface Waiting {
  readonly reviews: number;
  readonly monitoring: number;
  readonly pipelines: number;
}

export const SearchInput = z.object({
  q: z.string().trim().max(200),
  /** Looks only in this project. */
  project: z.string().optional(),
});

export interface Found {
  readonly kind:
    | "project"
    | "dataset"
    | "model"
    | "model version"
    | "run"
    | "pipeline run"
    | "promotion request"
    | "endpoint"
    | "prediction"
    | "monitor";
  readonly title: string;
  readonly subtitle: string;
  readonly href: string;
}

export const AuditTrailQuery = AuditQuery.extend({
  /** Only this project's events. */
  project: z.string().optional(),
});

export interface AuditTrailEvent extends AuditEventDto {
  /** Null for what belongs to no project. */
  readonly project: ProjectName | null;
}
export interface AuditTrailPage {
  readonly events: readonly AuditTrailEvent[];
  readonly next: string | null;
}

export interface WorkerLine {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly roles: readonly string[];
  readonly version: string;
  readonly slots: number;
  readonly startedAt: string;
  readonly heartbeatAt: string;
  readonly stoppedAt: string | null;
  /** silent: it was not stopped, but its heartbeat is missing. */
  readonly state: "running" | "silent" | "stopped";
  /** Steps that it runs now. */
  readonly busy: number;
}

export interface QueueLine {
  readonly name: string;
  /** Ready to be taken. */
  readonly ready: number;
  /** Waiting for their time. */
  readonly deferred: number;
  readonly active: number;
  /** Failed jobs that are still kept. */
  readonly failed: number;
  /** Milliseconds that the oldest waiting job has been ready; null without one. */
  readonly oldestMs: number | null;
}

export interface EnvironmentLine {
  readonly hash: string;
  readonly kind: string;
  readonly python: string;
  readonly status: string;
  readonly error: string | null;
  readonly sizeBytes: number | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly lastUsedAt: string | null;
}

export interface ProjectLine {
  readonly slug: string;
  readonly name: string;
  readonly members: number;
  readonly endpoints: number;
  readonly createdAt: string;
}

export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

export interface ControlPlane {
  readonly people: readonly PersonDto[];
  readonly workers: readonly WorkerLine[];
  readonly queues: readonly QueueLine[];
  readonly environments: readonly EnvironmentLine[];
  readonly projects: readonly ProjectLine[];
  readonly settings: readonly Setting[];
  readonly versions: readonly { readonly name: string; readonly value: string }[];
}

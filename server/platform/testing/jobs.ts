import type { z } from "zod";
import { models } from "#worker/runtimes/models.ts";
import type { JobContext } from "../jobs.ts";
import { log } from "../log.ts";

interface AnyJob {
  readonly name: string;
  readonly payload: z.ZodType;
  readonly handler: () => Promise<(payload: never, context: JobContext) => Promise<void>>;
}

/** What the worker hands to a job: real model runtimes, a log, and a signal that is never aborted unless `signal` says so. */
export function jobContext(signal: AbortSignal = new AbortController().signal): JobContext {
  return { log, signal, models };
}

/** Runs the job `name` of a domain's door now, as the worker would, whether or not one is queued: `runJob(jobs, "data.profile-version", { … })`. */
export async function runJob(jobs: readonly AnyJob[], name: string, payload: unknown): Promise<void> {
  const job = jobs.find((candidate) => candidate.name === name);
  if (!job) throw new Error(`There is no job '${name}' among ${jobs.map((candidate) => candidate.name).join(", ")}.`);
  const handle = await job.handler();
  await handle(job.payload.parse(payload) as never, jobContext());
}

import { log } from "#server/platform/log.ts";
import { jobs } from "#server/serving/index.ts";
import { models } from "#worker/runtimes/models.ts";

/** A worker that takes one batch scoring, for a test that kills it. Run as a process of its own with the test's settings. */
const workId = process.argv[2] ?? "";
const handle = await jobs.find((job) => job.name === "serving.run-scoring")?.handler();
const signal = new AbortController().signal;
await handle?.({ projectId: "", workId } as never, { log, signal, models });
process.exit(0);

import { prisma } from "#server/platform/db.ts";
import { enqueueJob } from "#server/platform/jobs.ts";
import { sweep } from "#server/retention/index.ts";
import type { Service } from "../services.ts";

/** How often rules are followed and unwanted content is looked for. */
const LOOK_MS = 10 * 60_000;

/** Queues the sweep now and then. Several workers may ask; it waits in the queue once. */
export const retention: Service = {
  name: "retention",
  roles: ["pipelines"],
  start: ({ log }) => {
    let asking: Promise<void> | undefined;
    const ask = () => {
      asking ??= enqueueJob(prisma(), sweep, {})
        .catch((error: unknown) => log.error({ err: error }, "the sweep could not be queued"))
        .finally(() => (asking = undefined));
    };
    const timer = setInterval(ask, LOOK_MS);
    ask();
    return Promise.resolve(async () => {
      clearInterval(timer);
      await asking;
    });
  },
};
